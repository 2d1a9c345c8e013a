import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Digest } from "@tenon/core";

import { type UnpackedFile, extractTar } from "../archive/extract-tar.ts";
import { MAX_UNPACKED_BYTES } from "../archive/read-tar.ts";
import type { Content } from "../content/content.ts";
import { fileChunks, fileSize, isMissing } from "../content/node-file.ts";
import { OciError, foreignText } from "../errors.ts";
import { findIndex, invalidLayout, refName } from "../layout/layout-index.ts";
import { createLayout } from "../layout/layout.ts";
import { parseManifest, readDescriptors } from "../manifest.ts";
import { IMAGE_MANIFEST } from "../media-types.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import type { PackedArtifact } from "./artifact-manifest.ts";
import {
  CONTENT_MEDIA_TYPE,
  CONTENT_TYPE_ANNOTATION,
  MODULE_CONTENT,
  VENDOR_CONTENT,
  VERSION_ANNOTATION,
} from "./constants.ts";
import { fetchArtifact } from "./fetch-artifact.ts";
import { pullModule } from "./pull-module.ts";

/** A module in an OCI layout, every byte of it verified. Dispose of it when it is pushed. */
export interface BuiltModule extends PackedArtifact {
  /** The version that it was built as; none if it does not say. */
  readonly version: string | undefined;
  readonly files: ReadonlyMap<string, UnpackedFile>;
}

/** Options of {@link openBuiltModule}. */
export interface OpenBuiltOptions extends CallOptions {
  /** Folder for the content of an archive; the system's by default. */
  readonly temporary?: string | undefined;
}

/** Two layers at their limit, and much room for what describes them. */
const maxArchiveBytes = 2 * MAX_UNPACKED_BYTES + 16 * 1024 * 1024;

/** A single layout takes any name for its repository. */
const repository = "artifact";

/** Tells whether a path is a file, or a folder that is an OCI layout: no folder of a module. */
export async function isBuilt(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isFile()) return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  return (await fileSize(join(path, "oci-layout"))) !== undefined;
}

/**
 * Opens a module that was written as an OCI layout, in a folder or a tar archive that is not compressed,
 * and verifies it: the layout holds one manifest, the manifest is that of a module, and all that it names
 * is there, has its digest and can be unpacked.
 *
 * @throws OciError `OCI_LAYOUT_INVALID`, `OCI_ARCHIVE_INVALID`, and as {@link pullModule}
 */
export async function openBuiltModule(
  path: string,
  options: OpenBuiltOptions = {},
): Promise<BuiltModule> {
  const temporary = (await stat(path)).isFile()
    ? await mkdtemp(join(options.temporary ?? tmpdir(), "tenon-layout-"))
    : undefined;
  const remove = async (): Promise<void> => {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  };
  try {
    const dir = temporary === undefined ? path : join(temporary, "layout");
    if (temporary !== undefined) await unpack(path, dir, options);
    const module = await openLayout(dir, path, options);
    return { ...module, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw named(error, path);
  }
}

async function unpack(path: string, dir: string, { signal }: CallOptions): Promise<void> {
  const limits = { gzip: false, maxBytes: maxArchiveBytes };
  await extractTar([fileChunks(path)], dir, { ...limits, signal });
}

async function openLayout(
  dir: string,
  path: string,
  options: CallOptions,
): Promise<Omit<BuiltModule, keyof AsyncDisposable>> {
  const { digest } = await onlyManifest(dir, path);
  const layout = createLayout(dir);
  const { manifest, annotations } = await fetchArtifact(layout, { repository, digest }, options);
  const { config, layers } = parseManifest(manifest.bytes);
  checkLayers(path, layers);
  const { files } = await pullModule(layout, { repository, digest }, options);
  const content = contentOf(layout, options);
  // fetchArtifact has seen that there is one.
  const configContent = content(config!);
  for await (const _ of await configContent.open());
  return {
    mediaType: IMAGE_MANIFEST,
    digest,
    manifest: manifest.bytes,
    annotations,
    version: annotations[VERSION_ANNOTATION],
    config: configContent,
    layers: layers.map(content),
    files,
  };
}

function contentOf(layout: Registry, options: CallOptions): (blob: Descriptor) => Content {
  return ({ digest, size }) => ({
    digest,
    size,
    open: async () => (await layout.readBlob(repository, { digest, size }, options)).stream,
  });
}

/** The manifest of a layout that holds one, under whatever names. */
async function onlyManifest(dir: string, path: string): Promise<Descriptor> {
  const index = await findIndex(dir, path);
  if (index === undefined) throw invalidLayout(path, "it has no file oci-layout");
  await checkLayoutVersion(dir, path);
  const manifests = readDescriptors(index);
  const [first, ...others] = new Map(manifests.map((entry) => [entry.digest, entry])).values();
  if (first === undefined) throw invalidLayout(path, "it holds no manifest");
  if (others.length === 0) return first;
  const names = manifests.map((entry) => foreignText(refName(entry) ?? shortDigest(entry.digest)));
  const listed = names.length > 10 ? `${names.slice(0, 10).join(", ")}, …` : names.join(", ");
  throw new OciError(
    "OCI_LAYOUT_INVALID",
    `Cannot use OCI layout ${path}: it holds ${others.length + 1} manifests where one is meant: ${listed}`,
    { hint: "Copy the one that is meant to a layout of its own, or build it again" },
  );
}

/** The version of the layout, which has been 1.0.0 since there are layouts. */
async function checkLayoutVersion(dir: string, path: string): Promise<void> {
  const text = await readFile(join(dir, "oci-layout"), "utf8");
  const version = /"imageLayoutVersion"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  if (version === undefined) throw invalidLayout(path, "its oci-layout names no version");
  if (version.startsWith("1.")) return;
  throw invalidLayout(path, `its layout version ${foreignText(version)} is not known`);
}

/** A module has two layers, in this order; other artifacts of the same type have others. */
function checkLayers(path: string, layers: readonly Descriptor[]): void {
  const actual = layers.map(({ mediaType, annotations }) =>
    mediaType === CONTENT_MEDIA_TYPE ? (annotations?.[CONTENT_TYPE_ANNOTATION] ?? "") : mediaType,
  );
  const expected = [VENDOR_CONTENT, MODULE_CONTENT];
  if (actual.length === 2 && expected.every((type, index) => actual[index] === type)) return;
  const shown = foreignText(JSON.stringify(actual));
  throw new OciError(
    "OCI_UNSUPPORTED_MEDIA_TYPE",
    `Cannot use OCI layout ${path}: it is no module: its layers are ${shown}, must be ${JSON.stringify(expected)}`,
    { hint: "Build it with `tenon mod build`" },
  );
}

function shortDigest(digest: Digest): string {
  return digest.slice(0, "sha256:".length + 12);
}

/** Says of which layout an error is; what it says of the artifact in it stays. */
function named(error: unknown, path: string): unknown {
  if (!(error instanceof OciError) || error.message.includes(` ${path}: `)) return error;
  const { code, details } = error;
  const reason = `${error.message.slice(0, 1).toLowerCase()}${error.message.slice(1)}`;
  return new OciError(code, `Cannot use OCI layout ${path}: ${reason}`, {
    hint: "Build it again with `tenon mod build`; archives of layouts are tar files without compression",
    details,
    cause: error,
  });
}
