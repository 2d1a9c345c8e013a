import { rm } from "node:fs/promises";
import { dirname } from "node:path";

import { parseDigest } from "@tenon/core";

import { fileSize, syncFolder } from "../content/node-file.ts";
import { unknownBlob, unknownManifest } from "../missing.ts";
import { parseTag } from "../reference.ts";
import type { CallOptions, Registry } from "../registry.ts";
import { type IndexChange, readIndex, refName, updateIndex } from "./layout-index.ts";
import { type LayoutStore, blobPath, layoutOf } from "./paths.ts";
import { untag } from "./push.ts";

/** The deleting half of a layout. */
export function createDeleter(
  store: LayoutStore,
): Pick<Registry, "deleteManifest" | "deleteTag" | "deleteBlob"> {
  const update = async (layout: string, change: IndexChange, { signal }: CallOptions) => {
    const temporary = await store.staging?.folder();
    await updateIndex(layout, change, { temporary, signal });
  };
  return {
    async deleteManifest(repository, digest, options = {}) {
      const layout = layoutOf(store, repository);
      const wanted = parseDigest(digest);
      const isWanted = (entry: { digest: string }) => entry.digest === wanted;
      await readIndex(layout, repository);
      const path = blobPath(layout, wanted);
      await update(
        layout,
        {
          change: (known) => {
            if (!known.some(isWanted)) throw unknownManifest(repository, digest);
            return known.filter((entry) => !isWanted(entry));
          },
          after: () => rm(path, { force: true }),
        },
        options,
      );
      await syncFolder(dirname(path));
    },
    async deleteTag(repository, tag, options = {}) {
      const layout = layoutOf(store, repository);
      const wanted = parseTag(tag);
      await readIndex(layout, repository);
      const change: IndexChange["change"] = (known) => {
        if (!known.some((item) => refName(item) === wanted)) throw unknownManifest(repository, tag);
        return untag(known, (name) => name === wanted);
      };
      await update(layout, { change }, options);
    },
    async deleteBlob(repository, digest) {
      const layout = layoutOf(store, repository);
      const path = blobPath(layout, digest);
      const { manifests } = await readIndex(layout, repository);
      const isManifest = manifests.some((entry) => entry.digest === digest);
      if (isManifest || (await fileSize(path)) === undefined) throw unknownBlob(repository, digest);
      await rm(path, { force: true });
      await syncFolder(dirname(path));
    },
  };
}
