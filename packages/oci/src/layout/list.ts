import { type Dirent } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { parseDigest } from "@tenon/core";

import { fileSize, isMissing } from "../content/node-file.ts";
import { OciError } from "../errors.ts";
import { parseManifest } from "../manifest.ts";
import { referrerDescriptor } from "../referrer.ts";
import type { Registry } from "../registry.ts";
import { findIndex, readIndex, refName } from "./layout-index.ts";
import { type LayoutStore, blobPath, layoutOf, repositoryPart } from "./paths.ts";

/** The listing half of a layout. */
export function createLister(
  store: LayoutStore,
): Pick<Registry, "listTags" | "listRepositories" | "listReferrers"> {
  return {
    async *listTags(repository) {
      const { manifests } = await readIndex(layoutOf(store, repository), repository);
      const tags = manifests.map(refName).filter((tag) => tag !== undefined);
      yield* [...new Set(tags)].sort();
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
      const seen = new Set<string>();
      for (const entry of (await findIndex(layout))?.manifests ?? []) {
        if (seen.has(entry.digest)) continue;
        seen.add(entry.digest);
        const parsed = parseManifest(await readFile(blobPath(layout, entry.digest)));
        if (parsed.subject?.digest !== wanted) continue;
        const found = referrerDescriptor(entry, parsed);
        if (options.artifactType === undefined || found.artifactType === options.artifactType) {
          yield found;
        }
      }
    },
  };
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
