import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Digest } from "@tenon/core";

import { extractTar } from "../archive/extract-tar.ts";
import { MAX_UNPACKED_BYTES } from "../archive/read-tar.ts";
import type { Content } from "../content/content.ts";
import { fileChunks } from "../content/node-file.ts";
import { OciError, foreignText } from "../errors.ts";
import { findIndex, invalidLayout, refName } from "../layout/layout-index.ts";
import { createLayout } from "../layout/layout.ts";
import { parseManifest, readDescriptors } from "../manifest.ts";
import { IMAGE_MANIFEST } from "../media-types.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import type { PackedArtifact } from "./artifact-manifest.ts";
import { fetchArtifact } from "./fetch-artifact.ts";

/** Options of {@link openBuilt}. */
export interface OpenBuiltOptions extends CallOptions {
  /** Folder for the content of an archive; the system's by default. */
  readonly temporary?: string | undefined;
}

/** The one artifact of a layout. */
export interface LaidOutArtifact {
  /** The path of the layout, for messages. */
  readonly path: string;
  readonly layout: Registry;
  /** What to read it by. */
  readonly ref: { readonly repository: string; readonly digest: Digest };
  readonly layers: readonly Descriptor[];
}

/** What an artifact must be, and how one is made. */
export interface BuiltKind<Verified> {
  /** The command that builds one. */
  readonly command: string;
  /** Verifies the layers of an artifact whose manifest and config are verified. */
  verify(artifact: LaidOutArtifact): Promise<Verified>;
}

/** Two layers at their limit, and much room for what describes them. */
const maxArchiveBytes = 2 * MAX_UNPACKED_BYTES + 16 * 1024 * 1024;

/** A single layout takes any name for its repository. */
const repository = "artifact";

/**
 * Opens an artifact that was written as an OCI layout, in a folder or a tar archive that is not compressed,
 * and verifies it: the layout holds one manifest, and all that it names is there and has its digest.
 *
 * @throws OciError `OCI_LAYOUT_INVALID`, `OCI_ARCHIVE_INVALID`, and as {@link fetchArtifact} and what verifies it
 */
export async function openBuilt<Verified>(
  path: string,
  kind: BuiltKind<Verified>,
  options: OpenBuiltOptions = {},
): Promise<PackedArtifact & Verified> {
  const temporary = (await stat(path)).isFile()
    ? await mkdtemp(join(options.temporary ?? tmpdir(), "tenon-layout-"))
    : undefined;
  const remove = async (): Promise<void> => {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  };
  try {
    const dir = temporary === undefined ? path : join(temporary, "layout");
    if (temporary !== undefined) await unpack(path, dir, options);
    const artifact = await openLayout(dir, { path, kind }, options);
    return { ...artifact, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw named(error, path, kind.command);
  }
}

async function unpack(path: string, dir: string, { signal }: CallOptions): Promise<void> {
  const limits = { gzip: false, maxBytes: maxArchiveBytes };
  await extractTar([fileChunks(path)], dir, { ...limits, signal });
}

async function openLayout<Verified>(
  dir: string,
  { path, kind }: { readonly path: string; readonly kind: BuiltKind<Verified> },
  options: CallOptions,
): Promise<Omit<PackedArtifact, keyof AsyncDisposable> & Verified> {
  const { digest } = await onlyManifest(dir, path);
  const ref = { repository, digest };
  const layout = createLayout(dir);
  const { manifest, annotations } = await fetchArtifact(layout, ref, options);
  const { config, layers } = parseManifest(manifest.bytes);
  const content = contentOf(layout, options);
  // fetchArtifact has seen that there is one.
  const configContent = content(config!);
  for await (const _ of await configContent.open());
  const verified = await kind.verify({ path, layout, ref, layers });
  return {
    mediaType: IMAGE_MANIFEST,
    digest,
    manifest: manifest.bytes,
    annotations,
    config: configContent,
    layers: layers.map(content),
    ...verified,
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

function shortDigest(digest: Digest): string {
  return digest.slice(0, "sha256:".length + 12);
}

/** Says of which layout an error is; what it says of the artifact in it stays. */
function named(error: unknown, path: string, command: string): unknown {
  if (!(error instanceof OciError) || error.message.includes(` ${path}: `)) return error;
  const { code, details } = error;
  const reason = `${error.message.slice(0, 1).toLowerCase()}${error.message.slice(1)}`;
  return new OciError(code, `Cannot use OCI layout ${path}: ${reason}`, {
    hint: `Build it again with \`${command}\`; archives of layouts are tar files without compression`,
    details,
    cause: error,
  });
}
