import { createHash } from "node:crypto";
import { readFile, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { type Digest, digestAlgorithm, digestHex, isDigest } from "@tenon/core";

import { compareBytes } from "../archive/tar-entry.ts";
import { computeDigest } from "../content/compute-digest.ts";
import { fileChunks, fileSize, isMissing } from "../content/node-file.ts";
import { type ParsedManifest, parseManifest } from "../manifest.ts";
import { isForeignLayer } from "../media-types.ts";
import { type CallOptions, type Descriptor, MAX_MANIFEST_BYTES } from "../registry.ts";
import { type IndexChange, findIndex, refName, updateIndex, withoutTag } from "./layout-index.ts";
import { createLayoutRegistry } from "./layout.ts";
import { blobPath, repositoryPath } from "./paths.ts";

/** An artifact that {@link pruneLayouts} keeps. */
export interface KeptArtifact {
  readonly repository: string;
  readonly digest: Digest;
  /** Tags of it that stay; others go. */
  readonly tags: readonly string[];
}

/** What {@link pruneLayouts} did. */
export interface PrunedLayouts {
  /** Repositories of which nothing was kept. */
  readonly repositories: readonly string[];
  /** Digests of what was deleted as nothing that was kept needs it. */
  readonly unused: readonly Digest[];
  /** Digests of what should be there and is damaged, and was deleted, or is not there. */
  readonly damaged: readonly Digest[];
}

/**
 * Deletes from a folder of layouts all but some artifacts with what they list and what refers to them.
 * What is kept is checked against its digest. Killed at any moment, another run finishes it.
 *
 * @throws OciError `OCI_LAYOUT_INVALID`
 */
export async function pruneLayouts(
  dir: string,
  keep: readonly KeptArtifact[],
  options: CallOptions = {},
): Promise<PrunedLayouts> {
  const root = resolve(dir);
  const registry = createLayoutRegistry(root);
  const repositories: string[] = [];
  const unused: Digest[] = [];
  const damaged: Digest[] = [];
  const { signal } = options;
  try {
    for await (const repository of registry.listRepositories(options)) {
      signal?.throwIfAborted();
      const layout = repositoryPath(root, repository);
      const kept = keep.filter((one) => one.repository === repository);
      if (kept.length === 0) {
        await removeLayout(root, layout);
        repositories.push(repository);
        continue;
      }
      const temporary = await registry.staging();
      const found = await pruneLayout(layout, kept, { signal, temporary });
      unused.push(...found.unused);
      damaged.push(...found.damaged);
    }
  } finally {
    await registry.close();
  }
  return { repositories, unused, damaged };
}

/** Removes a layout, and folders around it that are then empty; layouts inside of it stay. */
async function removeLayout(root: string, layout: string): Promise<void> {
  // The last one makes it a layout: until then another run finds it again.
  for (const name of ["index.json", "blobs", ".lock", "oci-layout"]) {
    await rm(join(layout, name), { recursive: true, force: true });
  }
  for (let at = layout; at !== root; at = dirname(at)) {
    const isGone = await rmdir(at).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}

async function pruneLayout(
  layout: string,
  kept: readonly KeptArtifact[],
  options: CallOptions & { readonly temporary: string },
): Promise<Pick<PrunedLayouts, "unused" | "damaged">> {
  const index = (await findIndex(layout))?.manifests ?? [];
  const needed = neededBlobs(kept, await readManifests(layout, index));
  const damaged: Digest[] = [];
  for (const blob of needed.values()) {
    options.signal?.throwIfAborted();
    if (!(await isIntact(layout, blob))) damaged.push(blob.digest);
  }
  const stays = (digest: Digest): boolean => needed.has(digest) && !damaged.includes(digest);
  let gone: readonly Digest[] = [];
  const change: IndexChange = {
    change: (known) => keptEntries(known, kept, stays),
    after: async () => {
      gone = await removeBlobs(layout, stays);
    },
  };
  await updateIndex(layout, change, options);
  return { unused: gone.filter((digest) => !needed.has(digest)), damaged };
}

/** The manifests of an index that can be read. */
async function readManifests(
  layout: string,
  index: readonly Descriptor[],
): Promise<ReadonlyMap<Digest, ParsedManifest>> {
  const manifests = new Map<Digest, ParsedManifest>();
  for (const { digest } of index) {
    const path = blobPath(layout, digest);
    const size = await fileSize(path);
    if (size === undefined || size > MAX_MANIFEST_BYTES) continue;
    const bytes = await readFile(path);
    if (computeDigest(bytes, digest) === digest) manifests.set(digest, parseManifest(bytes));
  }
  return manifests;
}

interface Blob {
  readonly digest: Digest;
  /** Of what nothing names a size of, nothing. */
  readonly size?: number | undefined;
}

/** What artifacts consist of, with all that refers to any of it. */
function neededBlobs(
  kept: readonly KeptArtifact[],
  manifests: ReadonlyMap<Digest, ParsedManifest>,
): ReadonlyMap<Digest, Blob> {
  const needed = new Map<Digest, Blob>();
  const left: Blob[] = [...kept];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { digest, size } = next;
    if (needed.has(digest)) continue;
    needed.set(digest, { digest, size });
    const { config, layers = [], manifests: parts = [] } = manifests.get(digest) ?? {};
    left.push(...[config ?? [], layers].flat().filter((one) => !isForeignLayer(one.mediaType)));
    left.push(...parts);
    for (const [referrer, { subject }] of manifests) {
      if (subject?.digest === digest) left.push({ digest: referrer });
    }
  }
  return needed;
}

async function isIntact(layout: string, { digest, size }: Blob): Promise<boolean> {
  const path = blobPath(layout, digest);
  const found = await fileSize(path);
  if (found === undefined || (size !== undefined && size !== found)) return false;
  const hash = createHash(digestAlgorithm(digest));
  for await (const chunk of fileChunks(path)) hash.update(chunk);
  return hash.digest("hex") === digestHex(digest);
}

/** Entries that stay; a manifest without a tag keeps one, so that it can be found. */
function keptEntries(
  known: readonly Descriptor[],
  kept: readonly KeptArtifact[],
  stays: (digest: Digest) => boolean,
): readonly Descriptor[] {
  const hasTag = (entry: Descriptor): boolean => {
    const tag = refName(entry);
    const isIt = ({ digest, tags }: KeptArtifact): boolean =>
      digest === entry.digest && tag !== undefined && tags.includes(tag);
    return kept.some(isIt);
  };
  const entries = known.filter(({ digest }) => stays(digest));
  const tagged = entries.filter(hasTag);
  const named = new Set(tagged.map(({ digest }) => digest));
  const others = new Map(
    entries
      .filter(({ digest }) => !named.has(digest))
      .map((entry) => [entry.digest, withoutTag(entry)]),
  );
  // The order of writing is that of the network: sorted, the same content is the same file.
  return [...tagged, ...others.values()].toSorted((a, b) => compareBytes(keyOf(a), keyOf(b)));
}

function keyOf(entry: Descriptor): string {
  return `${entry.digest} ${refName(entry) ?? ""}`;
}

/** Deletes the blobs that do not stay, and what was left of writing some. */
async function removeBlobs(layout: string, stays: (digest: Digest) => boolean): Promise<Digest[]> {
  const gone: Digest[] = [];
  const blobs = join(layout, "blobs");
  for (const algorithm of await namesIn(blobs)) {
    for (const name of await namesIn(join(blobs, algorithm))) {
      const digest = `${algorithm}:${name}`;
      if (isDigest(digest) && stays(digest)) continue;
      await rm(join(blobs, algorithm, name), { recursive: true, force: true });
      if (isDigest(digest)) gone.push(digest);
    }
  }
  return gone;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
