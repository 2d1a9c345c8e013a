import { rm } from "node:fs/promises";

import { parseDigest } from "@tenon/core";

import { fileSize } from "../content/node-file.ts";
import { unknownBlob, unknownManifest } from "../missing.ts";
import { parseTag } from "../reference.ts";
import type { Registry } from "../registry.ts";
import { readIndex, refName, updateIndex } from "./layout-index.ts";
import { type LayoutStore, blobPath, layoutOf } from "./paths.ts";
import { untag } from "./push.ts";

/** The deleting half of a layout. */
export function createDeleter(
  store: LayoutStore,
): Pick<Registry, "deleteManifest" | "deleteTag" | "deleteBlob"> {
  return {
    async deleteManifest(repository, digest, options = {}) {
      const layout = layoutOf(store, repository);
      const wanted = parseDigest(digest);
      const isWanted = (entry: { digest: string }) => entry.digest === wanted;
      if (!(await readIndex(layout, repository)).manifests.some(isWanted)) {
        throw unknownManifest(repository, digest);
      }
      await updateIndex(
        layout,
        (known) => known.filter((entry) => !isWanted(entry)),
        options.signal,
      );
      await rm(blobPath(layout, wanted), { force: true });
    },
    async deleteTag(repository, tag, options = {}) {
      const layout = layoutOf(store, repository);
      const wanted = parseTag(tag);
      if (
        !(await readIndex(layout, repository)).manifests.some((item) => refName(item) === wanted)
      ) {
        throw unknownManifest(repository, tag);
      }
      await updateIndex(layout, (known) => untag(known, (name) => name === wanted), options.signal);
    },
    async deleteBlob(repository, digest) {
      const layout = layoutOf(store, repository);
      const path = blobPath(layout, digest);
      await readIndex(layout, repository);
      if ((await fileSize(path)) === undefined) throw unknownBlob(repository, digest);
      await rm(path, { force: true });
    },
  };
}
