import { parseDigest } from "@tenon/core";

import { blobRange } from "../content/range.ts";
import { sizeMismatch } from "../content/verify.ts";
import { bytesStream } from "../content/web-stream.ts";
import { unknownBlob } from "../missing.ts";
import type { Registry } from "../registry.ts";
import { type MemoryStore, findManifest, findRepository } from "./store.ts";

/** The reading half of a registry in memory. */
export function createReader(
  store: MemoryStore,
): Pick<Registry, "resolveManifest" | "readManifest" | "statBlob" | "readBlob"> {
  return {
    async resolveManifest(repository, reference) {
      return findManifest(store, repository, reference).descriptor;
    },
    async readManifest(repository, reference) {
      return findManifest(store, repository, reference);
    },
    async statBlob(repository, digest) {
      return store.get(repository)?.blobs.get(parseDigest(digest))?.byteLength;
    },
    async readBlob(repository, blob, options = {}) {
      options.signal?.throwIfAborted();
      const bytes = findRepository(store, repository).blobs.get(parseDigest(blob.digest));
      if (bytes === undefined) throw unknownBlob(repository, blob.digest);
      const size = bytes.byteLength;
      if (blob.size !== undefined && blob.size !== size) {
        throw sizeMismatch({ size: blob.size, what: `blob ${blob.digest}` }, String(size));
      }
      const { start, end } = blobRange(size, options);
      return { size, stream: bytesStream(bytes.subarray(start, end)) };
    },
  };
}
