import { type Digest, hasCode } from "@tenon/core";
import pMap from "p-map";

import { checkDigest } from "../content/verify.ts";
import { OciError } from "../errors.ts";
import { type ParsedManifest, parseManifest } from "../manifest.ts";
import { isForeignLayer } from "../media-types.ts";
import { parseTag } from "../reference.ts";
import type { Descriptor, Manifest, Registry } from "../registry.ts";
import type { ArtifactRef } from "./fetch-artifact.ts";
import { type BlobTransfer, type PushArtifactOptions, pushBlob } from "./push-artifact.ts";

/** The most manifests that one copy takes along. */
const maxManifests = 10_000;

/** A repository, and the registry that it is in. */
export interface RegistryPlace {
  readonly registry: Registry;
  readonly repository: string;
}

/** Options of {@link copyArtifact}. */
export interface CopyArtifactOptions extends PushArtifactOptions {
  /** Tags that shall point to the copy; with none it can be reached by its digest. */
  readonly tags?: readonly string[] | undefined;
  /** Both repositories are in one registry, which is asked to share blobs between them. */
  readonly sameRegistry?: boolean | undefined;
  /** Called with the artifact's digest before anything is written; what it throws ends the copy. */
  readonly onResolved?: ((digest: Digest) => Promise<void>) | undefined;
}

/** A copied artifact. */
export interface CopiedArtifact {
  readonly digest: Digest;
  /** Digests of the manifests that refer to it or to a part of it, however far. */
  readonly referrers: readonly Digest[];
  /** Digests of manifests that the source lists and does not hold. */
  readonly missing: readonly Digest[];
  /** How many blobs were moved through here, shared by the registry, or there before. */
  readonly blobs: Readonly<Record<BlobTransfer, number>>;
  /** Bytes of the blobs that were moved through here. */
  readonly movedBytes: number;
}

/**
 * Copies an artifact byte for byte, so that digests stay: an index with what it lists, and everything that
 * refers to any of it. Blobs are streamed. Tags come last: who sees one finds all of it.
 *
 * @throws OciError `OCI_MANIFEST_UNKNOWN`, `OCI_DIGEST_MISMATCH` where the tag points elsewhere,
 * `OCI_TOO_LARGE` for more than 10,000 manifests, and as {@link Registry.readBlob},
 * {@link Registry.pushBlob} and {@link Registry.pushManifest}
 */
export async function copyArtifact(
  from: RegistryPlace,
  to: RegistryPlace,
  ref: Omit<ArtifactRef, "repository">,
  options: CopyArtifactOptions = {},
): Promise<CopiedArtifact> {
  const tags = (options.tags ?? []).map(parseTag);
  const { signal } = options;
  const wanted = ref.tag ?? ref.digest ?? "latest";
  const root = await from.registry.readManifest(from.repository, wanted, { signal });
  const { digest } = root.descriptor;
  if (ref.digest !== undefined) checkDigest(digest, ref.digest, `artifact ${from.repository}`);
  await options.onResolved?.(digest);
  const run: Run = {
    from,
    to,
    options,
    seen: new Set([digest]),
    referrers: [],
    missing: [],
    blobs: { exists: 0, mounted: 0, moved: 0 },
    movedBytes: 0,
  };
  await copyManifest(run, root);
  if (tags.length > 0) await pushManifest(run, root, tags);
  const { referrers, missing, blobs, movedBytes } = run;
  return { digest, referrers, missing, blobs, movedBytes };
}

interface Run {
  readonly from: RegistryPlace;
  readonly to: RegistryPlace;
  readonly options: CopyArtifactOptions;
  /** Manifests that were come upon; each is copied once, whatever lists it. */
  readonly seen: Set<Digest>;
  readonly referrers: Digest[];
  readonly missing: Digest[];
  readonly blobs: Record<BlobTransfer, number>;
  movedBytes: number;
}

/** Copies what a manifest names, then the manifest, then what refers to it. */
async function copyManifest(run: Run, manifest: Manifest): Promise<void> {
  const { from, options, referrers, seen } = run;
  const { signal } = options;
  const { digest } = manifest.descriptor;
  const parsed = parseManifest(manifest.bytes);
  for (const part of parsed.manifests) {
    const found = await readNew(run, part);
    if (found !== undefined) await copyManifest(run, found);
  }
  await copyBlobs(run, parsed);
  await pushManifest(run, manifest, []);
  for await (const listed of from.registry.listReferrers(from.repository, digest, { signal })) {
    const found = await readNew(run, listed);
    if (found === undefined) continue;
    if (parseManifest(found.bytes).subject?.digest !== digest) {
      // A list that is kept under a tag can name what refers to something else, or to nothing.
      seen.delete(found.descriptor.digest);
      continue;
    }
    referrers.push(found.descriptor.digest);
    await copyManifest(run, found);
  }
}

/** Reads a manifest that was not come upon before; nothing where it was, or is not there. */
async function readNew(run: Run, { digest }: Descriptor): Promise<Manifest | undefined> {
  const { from, missing, options, seen } = run;
  if (seen.has(digest)) return undefined;
  seen.add(digest);
  if (seen.size > maxManifests) {
    throw new OciError(
      "OCI_TOO_LARGE",
      `Cannot copy ${from.repository}: more than ${maxManifests} manifests belong to it`,
      { details: { limit: maxManifests } },
    );
  }
  const { signal } = options;
  try {
    return await from.registry.readManifest(from.repository, digest, { signal });
  } catch (error) {
    if (!hasCode(error, "OCI_MANIFEST_UNKNOWN")) throw error;
    missing.push(digest);
    return undefined;
  }
}

async function copyBlobs(run: Run, { config, layers }: ParsedManifest): Promise<void> {
  const { from, to, options, blobs } = run;
  const { concurrency = 4, onProgress, signal } = options;
  const named = [config ?? [], layers].flat().filter(({ mediaType }) => !isForeignLayer(mediaType));
  const copy = async ({ digest, size }: Descriptor): Promise<void> => {
    const open = async (): Promise<ReadableStream<Uint8Array>> =>
      (await from.registry.readBlob(from.repository, { digest, size }, { signal })).stream;
    const transfer = await pushBlob(
      to.registry,
      to.repository,
      { digest, size, open },
      {
        signal,
        onProgress,
        mountFrom: options.sameRegistry === true ? from.repository : undefined,
      },
    );
    blobs[transfer]++;
    if (transfer === "moved") run.movedBytes += size;
  };
  const unique = new Map(named.map((blob) => [blob.digest, blob]));
  await pMap(unique.values(), copy, { concurrency, ...(signal !== undefined && { signal }) });
}

async function pushManifest(
  { to, options }: Run,
  { descriptor, bytes }: Manifest,
  tags: readonly string[],
): Promise<void> {
  const { mediaType } = descriptor;
  const { signal } = options;
  await to.registry.pushManifest(to.repository, { mediaType, bytes }, { tags, signal });
}
