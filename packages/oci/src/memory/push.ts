import { parseDigest } from "@tenon/core";

import { checkManifest } from "../check-manifest.ts";
import { verified } from "../content/verify.ts";
import { readAll } from "../content/web-stream.ts";
import { parseRepository, parseTag } from "../reference.ts";
import type { Registry } from "../registry.ts";
import { type MemoryStore, openRepository } from "./store.ts";

/** The writing half of a registry in memory. */
export function createPusher(
  store: MemoryStore,
): Pick<Registry, "pushManifest" | "pushBlob" | "mountBlob"> {
  return {
    async pushManifest(repository, manifest, options = {}) {
      parseRepository(repository);
      const tags = (options.tags ?? []).map(parseTag);
      const known = store.get(repository);
      const descriptor = await checkManifest(repository, manifest, {
        hasBlob: async (digest) => known?.blobs.has(digest) ?? false,
        digest: options.digest,
      });
      const into = openRepository(store, repository);
      into.manifests.set(descriptor.digest, { descriptor, bytes: Uint8Array.from(manifest.bytes) });
      for (const tag of tags) into.tags.set(tag, descriptor.digest);
      return descriptor;
    },
    async pushBlob(repository, blob, open, options = {}) {
      options.signal?.throwIfAborted();
      parseRepository(repository);
      const digest = parseDigest(blob.digest);
      const what = `blob ${repository}@${digest}`;
      const bytes = await readAll(
        verified(await open(), { digest, size: blob.size, what }),
        blob.size,
        what,
      );
      openRepository(store, repository).blobs.set(digest, bytes);
    },
    async mountBlob(repository, digest, from) {
      const bytes = store.get(parseRepository(from))?.blobs.get(parseDigest(digest));
      if (bytes !== undefined) openRepository(store, repository).blobs.set(digest, bytes);
      return bytes !== undefined;
    },
  };
}
