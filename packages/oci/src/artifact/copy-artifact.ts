import { type Digest, digestAlgorithm, hasCode } from "@tenon/core";
import pMap from "p-map";

import { checkDigest } from "../content/verify.ts";
import { OciError } from "../errors.ts";
import { type ParsedManifest, parseManifest } from "../manifest.ts";
import { isForeignLayer } from "../media-types.ts";
import { parseTag } from "../reference.ts";
import type { Descriptor, Manifest, Platform, Registry } from "../registry.ts";
import type { ArtifactRef } from "./fetch-artifact.ts";
import { includesSignatures, isLegacyTag, legacyTags } from "./legacy-tags.ts";
import { selectPlatforms } from "./platform.ts";
import {
  type BlobTarget,
  type BlobTransfer,
  type PushArtifactOptions,
  TRANSFERS,
  pushBlob,
} from "./push-artifact.ts";
import { transferAll } from "./transfer-all.ts";

/** The most manifests that one copy reads or finds listed. */
const maxManifests = 10_000;

/** A repository, and the registry that it is in. */
export interface RegistryPlace {
  readonly registry: Registry;
  readonly repository: string;
}

/** What a copy asks of its source. */
export interface CopySource {
  readonly registry: Pick<Registry, "readManifest" | "readBlob" | "listReferrers">;
  readonly repository: string;
}

/** What a copy asks of its target. */
export interface CopyTarget {
  readonly registry: BlobTarget & Pick<Registry, "readManifest" | "pushManifest">;
  readonly repository: string;
}

/** Options of {@link copyArtifact}. */
export interface CopyArtifactOptions extends PushArtifactOptions {
  /** Tags that shall point to the copy; with none it can be reached by its digest. */
  readonly tags?: readonly string[] | undefined;
  /** Of an index, take only what is for these; all by default. The index keeps its bytes and its digest. */
  readonly platforms?: readonly Platform[] | undefined;
  /** A repository of the target's registry that holds a blob and may share it. */
  readonly mountFrom?: ((digest: Digest) => string | undefined) | undefined;
  /** Called with the artifact's digest before anything is written; what it throws ends the copy. */
  readonly onResolved?: ((digest: Digest) => Promise<void>) | undefined;
}

/** A copied artifact. */
export interface CopiedArtifact {
  readonly digest: Digest;
  /** Digests of the manifests that refer to it or to a part of it, however far. */
  readonly referrers: readonly Digest[];
  /** Tags `sha256-….sig`, `.att` and `.sbom` of it or of a part of it. */
  readonly legacyTags: readonly string[];
  /** Those of them that stay as they are at the target, as they have what the source lacks. */
  readonly keptTags: readonly string[];
  /** Digests of manifests that are for other platforms. */
  readonly left: readonly Digest[];
  /** Digests of manifests that the source lists and does not hold. */
  readonly missing: readonly Digest[];
  /** How many blobs were moved through here, shared by the registry, or there before. */
  readonly blobs: Readonly<Record<BlobTransfer, number>>;
  /** Bytes of the blobs that were moved through here. */
  readonly movedBytes: number;
}

/**
 * Copies an artifact byte for byte, so that digests stay: an index with what it lists, everything that
 * refers to any of it, and what cosign keeps under tags beside it. Blobs are streamed. Tags come last: who
 * sees one finds all of it.
 *
 * @throws OciError `OCI_MANIFEST_UNKNOWN`, `OCI_DIGEST_MISMATCH` where the tag points elsewhere,
 * `OCI_PLATFORM_MISSING`, `OCI_TOO_LARGE` for more than 10,000 manifests, and as
 * {@link Registry.readBlob}, {@link Registry.pushBlob} and {@link Registry.pushManifest}
 */
export async function copyArtifact(
  from: CopySource,
  to: CopyTarget,
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
    reads: 1,
    referrers: [],
    legacyTags: [],
    keptTags: [],
    left: [],
    missing: [],
    blobs: { exists: 0, mounted: 0, moved: 0 },
    movedBytes: 0,
  };
  await copyManifest(run, root);
  await pushTags(run, root, tags);
  const { referrers, keptTags, left, missing, blobs, movedBytes } = run;
  const copied = { referrers, legacyTags: run.legacyTags, keptTags, left, missing };
  return { digest, ...copied, blobs, movedBytes };
}

interface Run {
  readonly from: CopySource;
  readonly to: CopyTarget;
  readonly options: CopyArtifactOptions;
  /** Manifests that were come upon; each is copied once, whatever lists it. */
  readonly seen: Set<Digest>;
  reads: number;
  readonly referrers: Digest[];
  readonly legacyTags: string[];
  readonly keptTags: string[];
  readonly left: Digest[];
  readonly missing: Digest[];
  readonly blobs: Record<BlobTransfer, number>;
  movedBytes: number;
}

/** Copies what a manifest names, then the manifest, then what says something about it. */
async function copyManifest(run: Run, manifest: Manifest): Promise<void> {
  const parsed = parseManifest(manifest.bytes);
  for (const part of partsOf(run, manifest, parsed)) {
    const found = await readNew(run, part);
    if (found !== undefined) await copyManifest(run, found);
  }
  await copyBlobs(run, parsed);
  await pushManifest(run, manifest, []);
  await copyReferrers(run, manifest);
  await copyLegacyTags(run, manifest);
}

function partsOf(
  { from, options, left }: Run,
  { descriptor }: Manifest,
  { manifests }: ParsedManifest,
): readonly Descriptor[] {
  const { platforms = [] } = options;
  if (platforms.length === 0 || manifests.length === 0) return manifests;
  const chosen = selectPlatforms(manifests, platforms, `${from.repository}@${descriptor.digest}`);
  left.push(...manifests.filter((part) => !chosen.includes(part)).map(({ digest }) => digest));
  return chosen;
}

async function copyReferrers(run: Run, { descriptor }: Manifest): Promise<void> {
  const { from, options, referrers, seen } = run;
  const { signal } = options;
  const { digest } = descriptor;
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

async function copyLegacyTags(run: Run, { descriptor }: Manifest): Promise<void> {
  const { options, seen } = run;
  const tags = legacyTags(descriptor.digest);
  const found = await pMap(tags, async (tag) => ({ tag, manifest: await findManifest(run, tag) }));
  for (const { tag, manifest } of found) {
    if (manifest === undefined) continue;
    const { digest } = manifest.descriptor;
    options.signal?.throwIfAborted();
    if (!seen.has(digest)) {
      seen.add(digest);
      await copyManifest(run, manifest);
    }
    await pushTags(run, manifest, [tag]);
    run.legacyTags.push(tag);
  }
}

/** Reads a manifest that was not come upon before; nothing where it was, or is not there. */
async function readNew(run: Run, { digest }: Descriptor): Promise<Manifest | undefined> {
  const { missing, seen } = run;
  if (seen.has(digest)) {
    count(run);
    return undefined;
  }
  seen.add(digest);
  const found = await findManifest(run, digest);
  if (found === undefined) missing.push(digest);
  return found;
}

async function findManifest(run: Run, reference: string): Promise<Manifest | undefined> {
  const { from, options } = run;
  const { signal } = options;
  let found: Manifest;
  try {
    found = await from.registry.readManifest(from.repository, reference, { signal });
  } catch (error) {
    if (hasCode(error, "OCI_MANIFEST_UNKNOWN")) return undefined;
    throw error;
  }
  count(run);
  return found;
}

/** Lists that name the same again and again have to end too. */
function count(run: Run): void {
  run.reads++;
  if (run.reads <= maxManifests) return;
  throw new OciError(
    "OCI_TOO_LARGE",
    `Cannot copy ${run.from.repository}: more than ${maxManifests} manifests belong to it`,
    { details: { limit: maxManifests } },
  );
}

async function copyBlobs(run: Run, { config, layers }: ParsedManifest): Promise<void> {
  const { from, to, options, blobs } = run;
  const { concurrency = TRANSFERS, onProgress, signal } = options;
  const named = [config ?? [], layers].flat().filter(({ mediaType }) => !isForeignLayer(mediaType));
  const copy = async ({ digest, size }: Descriptor, stop: AbortSignal): Promise<void> => {
    const openFrom = async (start: number): Promise<ReadableStream<Uint8Array>> => {
      const read = { start, signal: stop, verify: false };
      return (await from.registry.readBlob(from.repository, { digest, size }, read)).stream;
    };
    const transfer = await pushBlob(
      to.registry,
      to.repository,
      { digest, size, open: () => openFrom(0), openFrom },
      { signal: stop, onProgress, mountFrom: options.mountFrom?.(digest) },
    );
    blobs[transfer]++;
    if (transfer === "moved") run.movedBytes += size;
  };
  const unique = new Map(named.map((blob) => [blob.digest, blob]));
  await transferAll(unique.values(), copy, { concurrency, signal });
}

/** Sets tags, but takes none from a manifest with signatures that this one lacks. */
async function pushTags(run: Run, manifest: Manifest, tags: readonly string[]): Promise<void> {
  const kept: string[] = [];
  for (const tag of tags) if (await hasMore(run, manifest, tag)) kept.push(tag);
  run.keptTags.push(...kept);
  const free = tags.filter((tag) => !kept.includes(tag));
  if (free.length > 0) await pushManifest(run, manifest, free);
}

async function hasMore({ to, options }: Run, manifest: Manifest, tag: string): Promise<boolean> {
  if (!isLegacyTag(tag)) return false;
  const { signal } = options;
  try {
    const there = await to.registry.readManifest(to.repository, tag, { signal });
    return !includesSignatures(manifest, there);
  } catch (error) {
    if (hasCode(error, "OCI_MANIFEST_UNKNOWN", "OCI_NAME_UNKNOWN")) return false;
    throw error;
  }
}

async function pushManifest(
  { to, options }: Run,
  { descriptor, bytes }: Manifest,
  tags: readonly string[],
): Promise<void> {
  const { mediaType } = descriptor;
  const { signal } = options;
  const isSha256 = digestAlgorithm(descriptor.digest) === "sha256";
  const digest = isSha256 ? undefined : descriptor.digest;
  await to.registry.pushManifest(to.repository, { mediaType, bytes }, { tags, signal, digest });
}
