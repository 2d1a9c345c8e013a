import { hasCode } from "@tenon/core";
import pMap from "p-map";

import type { Content } from "../content/content.ts";
import { counted, toWebStream } from "../content/web-stream.ts";
import { parseTag } from "../reference.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import type { PackedArtifact } from "./artifact-manifest.ts";
import { type OnProgress, type ProgressEvent } from "./progress.ts";

/** Options of {@link pushArtifact}. */
export interface PushArtifactOptions extends CallOptions {
  readonly onProgress?: OnProgress | undefined;
  /** Blobs uploaded at once; 4 by default. */
  readonly concurrency?: number | undefined;
}

/**
 * Pushes an artifact: the blobs that the repository lacks, then the manifest under its first tag,
 * then the other tags in their order. Without tags it can be reached by its digest.
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
  const blobs = new Map([artifact.config, ...artifact.layers].map((blob) => [blob.digest, blob]));
  const { concurrency = 4, signal } = options;
  await pMap(blobs.values(), (blob) => pushBlob(registry, repository, blob, options), {
    concurrency,
    ...(signal !== undefined && { signal }),
  });
  const { mediaType, manifest: bytes } = artifact;
  return registry.pushManifest(repository, { mediaType, bytes }, { tags: checked, signal });
}

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
  const { mountFrom, onProgress, signal } = options;
  const { digest, size } = blob;
  const report = (state: ProgressEvent["state"], done: number) =>
    onProgress?.({ digest, size, state, done });
  if ((await registry.statBlob(repository, digest, { signal })) === size) {
    report("exists", size);
    return "exists";
  }
  if (mountFrom !== undefined && (await tryMount(registry, repository, blob, mountFrom, signal))) {
    report("exists", size);
    return "mounted";
  }
  const open = async () => {
    let done = 0;
    report("started", done);
    const see = (bytes: number) => report("moving", (done += bytes));
    return toWebStream(counted(await blob.open(), see));
  };
  await registry.pushBlob(repository, { digest, size }, open, { signal });
  report("done", size);
  return "moved";
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
