import { type Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { type Digest, parseDigest } from "@tenon/core";

import { compareTags } from "../compare-tags.ts";
import { fileSize, isMissing } from "../content/node-file.ts";
import { OciError } from "../errors.ts";
import { parseManifest } from "../manifest.ts";
import { referrerDescriptor, referrersTag } from "../referrer.ts";
import type { Descriptor, Registry } from "../registry.ts";
import { findIndex, readIndex, refName } from "./layout-index.ts";
import { type LayoutStore, blobPath, layoutOf, repositoryPart } from "./paths.ts";
import { readManifestFile } from "./read.ts";

/** The listing half of a layout. */
export function createLister(
  store: LayoutStore,
): Pick<Registry, "listTags" | "listRepositories" | "listReferrers"> {
  return {
    async *listTags(repository) {
      const { manifests } = await readIndex(layoutOf(store, repository), repository);
      const tags = manifests.map(refName).filter((tag) => tag !== undefined);
      yield* [...new Set(tags)].sort(compareTags);
    },
    async *listRepositories() {
      if (store.root === undefined) {
        throw new OciError("OCI_UNSUPPORTED", "Cannot list repositories: this is a single layout");
      }
      const found: string[] = [];
      for await (const name of repositoriesIn(store.root, [])) found.push(name);
      yield* found.sort();
    },
    async *listReferrers(repository, subject, options = {}) {
      const wanted = parseDigest(subject);
      const layout = layoutOf(store, repository);
      const manifests = (await findIndex(layout))?.manifests ?? [];
      const tagged = await taggedReferrers(layout, manifests, wanted);
      const seen = new Set<string>();
      for (const entry of [...manifests, ...tagged]) {
        if (seen.has(entry.digest)) continue;
        seen.add(entry.digest);
        const found = await referrerOf(layout, entry, wanted);
        if (found === undefined) continue;
        if (options.artifactType === undefined || found.artifactType === options.artifactType) {
          yield found;
        }
      }
    },
  };
}

async function referrerOf(
  layout: string,
  entry: Descriptor,
  subject: Digest,
): Promise<Descriptor | undefined> {
  // A manifest that was deleted since is gone.
  const bytes = await readManifestFile(blobPath(layout, entry.digest));
  const parsed = bytes && parseManifest(bytes);
  if (bytes === undefined || parsed?.subject?.digest !== subject) return undefined;
  return referrerDescriptor({ ...entry, size: bytes.byteLength }, parsed);
}

/** What a client listed under the tag for referrers, when the layout was in a registry without an API for them. */
async function taggedReferrers(
  layout: string,
  manifests: readonly Descriptor[],
  subject: Digest,
): Promise<readonly Descriptor[]> {
  const list = manifests.find((entry) => refName(entry) === referrersTag(subject));
  const bytes = list && (await readManifestFile(blobPath(layout, list.digest)));
  return bytes === undefined ? [] : parseManifest(bytes).manifests;
}

async function* repositoriesIn(
  folder: string,
  parts: readonly string[],
): AsyncGenerator<string, void, void> {
  const isLayout = (await fileSize(join(folder, "oci-layout"))) !== undefined;
  if (isLayout && parts.length > 0) yield parts.join("/");
  for (const entry of await foldersIn(folder)) {
    if (isLayout && entry.name === "blobs") continue;
    yield* repositoriesIn(join(folder, entry.name), [...parts, repositoryPart(entry.name)]);
  }
}

async function foldersIn(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
