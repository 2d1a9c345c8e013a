import { readFile, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";

import { type IgnoreMatcher, parseIgnore } from "../archive/ignore.ts";
import { packTar } from "../archive/pack-tar.ts";
import { type PathFilter, readTree } from "../archive/read-tree.ts";
import { isMissing } from "../content/node-file.ts";
import { OciError } from "../errors.ts";
import { type Annotations, completeAnnotations } from "./annotations.ts";
import { type Artifact, type ArtifactLayer, composeArtifact } from "./artifact-manifest.ts";
import {
  GENERIC_CONTENT,
  IGNORE_FILE,
  MODULE_CONTENT,
  REVISION_ANNOTATION,
  UNCOMMITTED_ANNOTATION,
  VENDOR_CONTENT,
  VENDOR_FOLDER,
  VERSION_ANNOTATION,
} from "./constants.ts";
import { isCommitted } from "./is-committed.ts";

/** Options of {@link buildModuleArtifact} and {@link buildArtifact}. */
export interface BuildOptions {
  /** Manifest annotations; they win over those that are found. */
  readonly annotations?: Annotations | undefined;
  /** `SOURCE_DATE_EPOCH` and git's variables are read from it. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Packs what symbolic links point to; without it links are left out. */
  readonly resolveLinks?: boolean | undefined;
  /** Folder for temporary files. */
  readonly temporary?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link buildModuleArtifact}. */
export interface BuildModuleOptions extends BuildOptions {
  /** Version of the module; wins over an annotation of the same meaning. */
  readonly version: string;
}

/** Options of {@link buildArtifact}. */
export interface BuildArtifactOptions extends BuildOptions {
  /** What the layer holds; `generic` by default. */
  readonly contentType?: string | undefined;
}

/**
 * Packs a module: a layer with its vendored packages (`cue.mod`), then one with everything else. What
 * `timoni.ignore` names is left out; of the vendored packages only what it names by `cue.mod/…`, and
 * never `cue.mod/module.cue`. What `tenon vendor` wrote beside it is no part of it. Where its own files are
 * not those of the commit that is annotated, an annotation says so.
 *
 * @throws OciError `OCI_SOURCE_INVALID`, `OCI_IGNORE_INVALID`
 * @example
 * ```ts
 * await using artifact = await buildModuleArtifact("./app", { version: "1.2.0", env: process.env });
 * await pushArtifact(registry, "org/app", artifact, ["1.2.0", "latest"]);
 * ```
 */
export async function buildModuleArtifact(
  dir: string,
  options: BuildModuleOptions,
): Promise<Artifact> {
  await checkDirectory(dir);
  const [isIgnored, isIgnoredVendored] = await readModuleIgnore(dir);
  const own: PathFilter = (path, isDirectory) => !isVendored(path) && !isIgnored(path, isDirectory);
  const annotations = await annotateModule(
    dir,
    (path, isDirectory) => own(path, isDirectory) || path === "cue.mod/module.cue",
    options,
  );
  const vendored: PathFilter = (path, isDirectory) =>
    isVendored(path) && !isIgnoredVendored(path, isDirectory);
  const vendor = await packLayer(dir, VENDOR_CONTENT, vendored, options);
  try {
    const module = await packLayer(dir, MODULE_CONTENT, own, options);
    return composeArtifact([vendor, module], {
      ...annotations,
      [VERSION_ANNOTATION]: options.version,
    });
  } catch (error) {
    await vendor[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Tells whether a file would be packed with a module: it is in its folder, and `timoni.ignore` does not
 * name it.
 *
 * @throws OciError `OCI_IGNORE_INVALID`
 */
export async function isPacked(dir: string, file: string): Promise<boolean> {
  const inside = relative(resolve(dir), resolve(file));
  if (inside === "" || isAbsolute(inside)) return false;
  const path = inside.split(sep).join("/");
  if (path === ".." || path.startsWith("../")) return false;
  const [isIgnored, isIgnoredVendored] = await readModuleIgnore(dir);
  return isVendored(path) ? !isIgnoredVendored(path, false) : !isIgnored(path, false);
}

/**
 * Packs a file or a folder as an artifact with one layer.
 *
 * @throws OciError `OCI_SOURCE_INVALID`, `OCI_IGNORE_INVALID`
 */
export async function buildArtifact(
  path: string,
  options: BuildArtifactOptions = {},
): Promise<Artifact> {
  const isIgnored = parseIgnore(await readIgnore(path));
  const annotations = await annotate(path, options);
  const filter: PathFilter = (name, isDirectory) => !isIgnored(name, isDirectory);
  const contentType = options.contentType ?? GENERIC_CONTENT;
  return composeArtifact([await packLayer(path, contentType, filter, options)], annotations);
}

async function packLayer(
  path: string,
  contentType: string,
  filter: PathFilter,
  options: BuildOptions,
): Promise<ArtifactLayer & AsyncDisposable> {
  const { resolveLinks, signal, temporary } = options;
  const entries = readTree(path, { filter, resolveLinks, signal });
  const packed = await packTar(entries, { signal, temporary });
  return { ...packed, contentType };
}

/** A commit that is not all that the module is made of is marked; what is vendored has not to be committed. */
async function annotateModule(
  dir: string,
  filter: PathFilter,
  options: BuildOptions,
): Promise<Annotations> {
  const annotations = await annotate(dir, options);
  const { annotations: given, env = {}, resolveLinks, signal } = options;
  const isFound = REVISION_ANNOTATION in annotations && !(REVISION_ANNOTATION in (given ?? {}));
  if (!isFound) return annotations;
  const entries = readTree(dir, { filter, resolveLinks, signal });
  const isWanted = (path: string): boolean => filter(path, false);
  if (await isCommitted(entries, isWanted, { env, path: dir, signal })) return annotations;
  return { ...annotations, [UNCOMMITTED_ANNOTATION]: "true" };
}

function annotate(path: string, options: BuildOptions): Promise<Annotations> {
  const { annotations = {}, env = {}, signal } = options;
  return completeAnnotations(annotations, { env, path, signal });
}

/** The vendored packages, which are in a folder at the root; a folder of that name elsewhere is none. */
function isVendored(path: string): boolean {
  return path === "cue.mod" || path.startsWith("cue.mod/");
}

/** Ignores files of the module, and vendored files. */
async function readModuleIgnore(dir: string): Promise<readonly [IgnoreMatcher, IgnoreMatcher]> {
  const text = await readIgnore(dir);
  const vendored = text.split("\n").filter((line) => /^!?\/?cue\.mod\/./.test(line));
  // Without it there is no module.
  vendored.push("!/cue.mod/module.cue");
  return [parseIgnore(`${text}\n/${VENDOR_FOLDER}/`), parseIgnore(vendored.join("\n"))];
}

async function readIgnore(path: string): Promise<string> {
  try {
    return await readFile(join(path, IGNORE_FILE), "utf8");
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

async function checkDirectory(dir: string): Promise<void> {
  const found = await stat(dir).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (found?.isDirectory()) return;
  throw new OciError(
    "OCI_SOURCE_INVALID",
    `Cannot pack module ${dir}: there is no such directory`,
    {
      hint: "Give the directory that holds timoni.cue",
    },
  );
}
