import { link, open as openFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

import { type Digest, parseDigest } from "@tenon/core";

import { checkManifest } from "../check-manifest.ts";
import {
  fileChunks,
  fileSize,
  hasErrno,
  makeFolder,
  syncFolder,
  writeFileAtomic,
} from "../content/node-file.ts";
import { verified } from "../content/verify.ts";
import { parseManifest } from "../manifest.ts";
import { parseTag } from "../reference.ts";
import type { Descriptor, Registry } from "../registry.ts";
import { REF_NAME, ensureLayout, refName, updateIndex, withoutTag } from "./layout-index.ts";
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
        digest: options.digest,
      });
      const writing = await prepare(store, layout);
      const entry = indexEntry(descriptor, manifest.bytes);
      const change = async (known: readonly Descriptor[]): Promise<readonly Descriptor[]> => {
        // Within the lock: who deletes the same manifest removes its file there too.
        await writeBlob(layout, descriptor.digest, manifest.bytes, writing);
        return addEntries(known, entry, tags);
      };
      await updateIndex(layout, { change }, { ...writing, signal: options.signal });
      return descriptor;
    },
    async pushBlob(repository, blob, open, options = {}) {
      const layout = layoutOf(store, repository);
      const digest = parseDigest(blob.digest);
      options.signal?.throwIfAborted();
      if ((await fileSize(blobPath(layout, digest))) === blob.size) return;
      const writing = await prepare(store, layout);
      const what = `blob ${repository}@${digest}`;
      const chunks = verified(await open(), { digest, size: blob.size, what });
      await writeBlob(layout, digest, chunks, { ...writing, signal: options.signal });
    },
    async mountBlob(repository, digest, from) {
      const source = blobPath(layoutOf(store, from), digest);
      const layout = layoutOf(store, repository);
      const target = blobPath(layout, digest);
      if ((await fileSize(source)) === undefined) return false;
      if (source === target) return true;
      const writing = await prepare(store, layout);
      await makeFolder(dirname(target));
      await linkOrCopy(source, target, writing);
      return true;
    },
  };
}

/** Makes a blob of a file on the same volume, whose size and digest have been checked; the file is gone then. */
export async function adoptBlob(
  store: LayoutStore,
  repository: string,
  blob: { readonly digest: Digest; readonly size: number; readonly path: string },
): Promise<void> {
  const layout = layoutOf(store, repository);
  const target = blobPath(layout, blob.digest);
  if ((await fileSize(target)) === blob.size) {
    await rm(blob.path, { force: true });
    return;
  }
  const writing = await prepare(store, layout);
  await syncFile(blob.path);
  await makeFolder(dirname(target));
  try {
    await rename(blob.path, target);
  } catch (error) {
    if (!hasErrno(error, "EXDEV")) throw error;
    await writeFileAtomic(target, fileChunks(blob.path), { ...writing, durable: true });
    await rm(blob.path, { force: true });
    return;
  }
  await syncFolder(dirname(target));
}

interface Writing {
  /** Folder for files that are not whole yet. */
  readonly temporary: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

async function prepare(store: LayoutStore, layout: string): Promise<Writing> {
  const temporary = await store.staging?.folder();
  await ensureLayout(layout, temporary);
  return { temporary };
}

async function writeBlob(
  layout: string,
  digest: Digest,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  writing: Writing,
): Promise<void> {
  const path = blobPath(layout, digest);
  await makeFolder(dirname(path));
  await writeFileAtomic(path, content, { ...writing, durable: true });
}

async function syncFile(path: string): Promise<void> {
  const file = await openFile(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linkOrCopy(source: string, target: string, writing: Writing): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (hasErrno(error, "EEXIST")) return;
    if (!hasErrno(error, "EXDEV", "EPERM", "EMLINK", "ENOTSUP", "ENOSYS")) throw error;
    const size = await fileSize(target);
    if (size !== undefined) return;
    await writeFileAtomic(target, fileChunks(source), { ...writing, durable: true });
    return;
  }
  await syncFolder(dirname(target));
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
      result.push(withoutTag(item));
    }
  }
  return result;
}
