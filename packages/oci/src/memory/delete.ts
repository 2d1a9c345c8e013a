import { parseDigest } from "@tenon/core";

import { unknownBlob, unknownManifest } from "../missing.ts";
import { parseTag } from "../reference.ts";
import type { Registry } from "../registry.ts";
import { type MemoryStore, findRepository } from "./store.ts";

/** The deleting half of a registry in memory. */
export function createDeleter(
  store: MemoryStore,
): Pick<Registry, "deleteManifest" | "deleteTag" | "deleteBlob"> {
  return {
    async deleteManifest(name, digest) {
      const repository = findRepository(store, name);
      if (!repository.manifests.delete(parseDigest(digest))) throw unknownManifest(name, digest);
      for (const [tag, target] of repository.tags) {
        if (target === digest) repository.tags.delete(tag);
      }
    },
    async deleteTag(name, tag) {
      if (!findRepository(store, name).tags.delete(parseTag(tag))) throw unknownManifest(name, tag);
    },
    async deleteBlob(name, digest) {
      if (!findRepository(store, name).blobs.delete(parseDigest(digest))) {
        throw unknownBlob(name, digest);
      }
    },
  };
}
