import { parseDigest } from "@tenon/core";

import { compareTags } from "../compare-tags.ts";
import { parseManifest } from "../manifest.ts";
import { referrerDescriptor } from "../referrer.ts";
import type { Registry } from "../registry.ts";
import { type MemoryStore, findRepository } from "./store.ts";

/** The listing half of a registry in memory. */
export function createLister(
  store: MemoryStore,
): Pick<Registry, "listTags" | "listRepositories" | "listReferrers"> {
  return {
    async *listTags(repository) {
      yield* [...findRepository(store, repository).tags.keys()].sort(compareTags);
    },
    async *listRepositories() {
      yield* [...store.keys()].sort();
    },
    async *listReferrers(repository, subject, options = {}) {
      const wanted = parseDigest(subject);
      for (const { bytes, descriptor } of store.get(repository)?.manifests.values() ?? []) {
        const parsed = parseManifest(bytes);
        if (parsed.subject?.digest !== wanted) continue;
        const found = referrerDescriptor(descriptor, parsed);
        if (options.artifactType === undefined || found.artifactType === options.artifactType) {
          yield found;
        }
      }
    },
  };
}
