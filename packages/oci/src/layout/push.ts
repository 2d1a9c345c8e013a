import { link, mkdir } from "node:fs/promises";
import { dirname } from "node:path";

import { type Digest, parseDigest } from "@tenon/core";

import { checkManifest } from "../check-manifest.ts";
import { fileChunks, fileSize, hasErrno, writeFileAtomic } from "../content/node-file.ts";
import { verified } from "../content/verify.ts";
import { parseManifest } from "../manifest.ts";
import { parseTag } from "../reference.ts";
import type { Descriptor, Registry } from "../registry.ts";
import { REF_NAME, ensureLayout, refName, updateIndex } from "./layout-index.ts";
import { type LayoutStore, blobPath, layoutOf } from "./paths.ts";

/** The writing half of a layout. */
export function createPusher(
  store: LayoutStore,
): Pick<Registry, "pushManifest" | "pushBlob" | "mountBlob"> {
  return {
    async pushManifest(repository, manifest, options = {}) {
      const layout = layoutOf(store, repository);
      const tags = (options.tags ?? []).map(parseTag);
      const descriptor = await checkManifest(repository, manifest, {
        hasBlob: async (digest) => (await fileSize(blobPath(layout, digest))) !== undefined,
      });
      await ensureLayout(layout);
      await writeBlob(layout, descriptor.digest, manifest.bytes);
      const entry = indexEntry(descriptor, manifest.bytes);
      await updateIndex(layout, (known) => addEntries(known, entry, tags), options.signal);
      return descriptor;
    },
    async pushBlob(repository, blob, open, options = {}) {
      const layout = layoutOf(store, repository);
      const digest = parseDigest(blob.digest);
      options.signal?.throwIfAborted();
      if ((await fileSize(blobPath(layout, digest))) === blob.size) return;
      await ensureLayout(layout);
      const what = `blob ${repository}@${digest}`;
      const chunks = verified(await open(), { digest, size: blob.size, what });
      await writeBlob(layout, digest, chunks, options.signal);
    },
    async mountBlob(repository, digest, from) {
      const source = blobPath(layoutOf(store, from), digest);
      const layout = layoutOf(store, repository);
      const target = blobPath(layout, digest);
      if ((await fileSize(source)) === undefined) return false;
      if (source === target) return true;
      await ensureLayout(layout);
      await mkdir(dirname(target), { recursive: true });
      await linkOrCopy(source, target);
      return true;
    },
  };
}

async function writeBlob(
  layout: string,
  digest: Digest,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const path = blobPath(layout, digest);
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, content, { signal });
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (hasErrno(error, "EEXIST")) return;
    if (!hasErrno(error, "EXDEV", "EPERM", "EMLINK", "ENOTSUP", "ENOSYS")) throw error;
    const size = await fileSize(target);
    if (size === undefined) await writeFileAtomic(target, fileChunks(source));
  }
}

const imageConfigs: readonly string[] = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];

function indexEntry(descriptor: Descriptor, bytes: Uint8Array): Descriptor {
  const { artifactType, config } = parseManifest(bytes);
  const type = artifactType ?? config?.mediaType;
  return type === undefined || imageConfigs.includes(type)
    ? descriptor
    : { ...descriptor, artifactType: type };
}

/** One entry for each tag; a manifest without any keeps one, so that it can be found. */
function addEntries(
  known: readonly Descriptor[],
  entry: Descriptor,
  tags: readonly string[],
): readonly Descriptor[] {
  const kept = untag(known, (tag) => tags.includes(tag));
  const isEntry = ({ digest }: Descriptor) => digest === entry.digest;
  if (tags.length === 0) return kept.some(isEntry) ? kept : [...kept, entry];
  const tagged = tags.map((tag) => ({ ...entry, annotations: { [REF_NAME]: tag } }));
  return [...kept.filter((item) => !isEntry(item) || refName(item) !== undefined), ...tagged];
}

/** Takes tags away; the last entry of a manifest stays, without its tag. */
export function untag(
  known: readonly Descriptor[],
  isGone: (tag: string) => boolean,
): readonly Descriptor[] {
  const result: Descriptor[] = [];
  for (const item of known) {
    const tag = refName(item);
    if (tag === undefined || !isGone(tag)) {
      result.push(item);
      continue;
    }
    const others = known.filter(({ digest }) => digest === item.digest);
    const stays = others.some((other) => other !== item && !isGone(refName(other) ?? ""));
    if (!stays && !result.some(({ digest }) => digest === item.digest)) {
      const { [REF_NAME]: _, ...annotations } = item.annotations ?? {};
      result.push({ ...item, annotations });
    }
  }
  return result;
}
