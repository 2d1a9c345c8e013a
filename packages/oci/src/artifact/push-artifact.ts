import { type Digest, hasCode } from "@tenon/core";

import type { Content } from "../content/content.ts";
import { counted, toWebStream } from "../content/web-stream.ts";
import { parseTag } from "../reference.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import type { PackedArtifact } from "./artifact-manifest.ts";
import { type OnProgress, type ProgressEvent } from "./progress.ts";
import { transferAll } from "./transfer-all.ts";

/** Options of {@link pushArtifact}. */
export interface PushArtifactOptions extends CallOptions {
  readonly onProgress?: OnProgress | undefined;
  /** Blobs moved at once; 8 by default. */
  readonly concurrency?: number | undefined;
  /** What tags were just found to point to: they are not asked about again. */
  readonly tagged?: ReadonlyMap<string, Digest> | undefined;
}

/** Blobs that are moved at once, unless told otherwise: as many as a client has connections. */
export const TRANSFERS = 8 as const;

/**
 * Pushes an artifact: the blobs that the repository lacks, then the manifest under its first tag,
 * then the other tags in their order. Without tags it can be reached by its digest. Where all its tags point to
 * it already, nothing is sent.
 *
 * @throws OciError as {@link Registry.pushBlob} and {@link Registry.pushManifest}
 */
export async function pushArtifact(
  registry: Registry,
  repository: string,
  artifact: PackedArtifact,
  tags: readonly string[],
  options: PushArtifactOptions = {},
): Promise<Descriptor> {
  const checked = tags.map(parseTag);
  const { digest, mediaType, manifest: bytes } = artifact;
  const blobs = new Map([artifact.config, ...artifact.layers].map((blob) => [blob.digest, blob]));
  const { concurrency = TRANSFERS, signal } = options;
  if (await isPushed(registry, repository, digest, { ...options, tags: checked })) {
    for (const blob of blobs.values()) report(blob, options, "exists", blob.size);
    return { mediaType, digest, size: bytes.byteLength };
  }
  await transferAll(
    blobs.values(),
    (blob, stop) => pushBlob(registry, repository, blob, { ...options, signal: stop }),
    { concurrency, signal },
  );
  return registry.pushManifest(repository, { mediaType, bytes }, { tags: checked, signal });
}

/** Tells whether tags point to an artifact. */
async function isPushed(
  registry: Registry,
  repository: string,
  digest: Digest,
  options: PushArtifactOptions & { readonly tags: readonly string[] },
): Promise<boolean> {
  const { signal, tagged, tags } = options;
  for (const tag of tags) {
    try {
      const found =
        tagged?.get(tag) ?? (await registry.resolveManifest(repository, tag, { signal })).digest;
      if (found !== digest) return false;
    } catch (error) {
      if (hasCode(error, ...unknownTag)) return false;
      throw error;
    }
  }
  return tags.length > 0;
}

/** What registries say of a tag that is not there, or not for everybody to see. */
const unknownTag = [
  "OCI_DENIED",
  "OCI_MANIFEST_UNKNOWN",
  "OCI_NAME_UNKNOWN",
  "OCI_UNAUTHORIZED",
  "OCI_UNSUPPORTED",
] as const;

/** How a blob came into a repository. */
export type BlobTransfer = "exists" | "mounted" | "moved";

/** What takes blobs. */
export type BlobTarget = Pick<Registry, "statBlob" | "pushBlob" | "mountBlob">;

/**
 * Pushes a blob unless the repository has it, or can take it from another one.
 *
 * @throws OciError as {@link Registry.pushBlob}
 */
export async function pushBlob(
  registry: BlobTarget,
  repository: string,
  blob: Content,
  options: PushArtifactOptions & {
    /** A repository of the same registry that has the blob. */
    readonly mountFrom?: string | undefined;
  },
): Promise<BlobTransfer> {
  const { mountFrom, signal } = options;
  const { digest, size } = blob;
  if ((await registry.statBlob(repository, digest, { signal })) === size) {
    report(blob, options, "exists", size);
    return "exists";
  }
  if (mountFrom !== undefined && (await tryMount(registry, repository, blob, mountFrom, signal))) {
    report(blob, options, "exists", size);
    return "mounted";
  }
  const seen = (chunks: ReadableStream<Uint8Array>, start: number) => {
    let done = start;
    report(blob, options, "started", done);
    if (options.onProgress === undefined) return chunks;
    const see = (bytes: number) => report(blob, options, "moving", (done += bytes));
    return toWebStream(counted(chunks, see));
  };
  const { openFrom } = blob;
  await registry.pushBlob(repository, { digest, size }, async () => seen(await blob.open(), 0), {
    signal,
    openFrom: openFrom && (async (start) => seen(await openFrom(start), start)),
  });
  report(blob, options, "done", size);
  return "moved";
}

function report(
  { digest, size }: Content,
  { onProgress }: PushArtifactOptions,
  state: ProgressEvent["state"],
  done: number,
): void {
  onProgress?.({ digest, size, state, done });
}

/** A registry may refuse to mount for reasons of its own; then the blob is pushed. */
async function tryMount(
  registry: BlobTarget,
  repository: string,
  { digest }: Content,
  from: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    return await registry.mountBlob(repository, digest, from, { signal });
  } catch (error) {
    if (hasCode(error, ...mountRefusals)) return false;
    throw error;
  }
}

const mountRefusals = [
  "OCI_BLOB_UNKNOWN",
  "OCI_DENIED",
  "OCI_NAME_UNKNOWN",
  "OCI_REQUEST_REJECTED",
  "OCI_UNAUTHORIZED",
  "OCI_UNSUPPORTED",
] as const;
