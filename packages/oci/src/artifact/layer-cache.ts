import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { type Digest, digestHex } from "@tenon/core";

import { fileChunks, fileSize, isMissing, writeFileAtomic } from "../content/node-file.ts";
import { unwritable } from "../content/unwritable.ts";
import type { CallOptions } from "../registry.ts";

/** Layers on disk. Those of modules are `<hex>.tgz` in one folder, which may be shared with Timoni. */
export interface LayerCache {
  /** The bytes of a layer, or nothing if it is not there or damaged. */
  find(digest: Digest): Promise<AsyncIterable<Uint8Array> | undefined>;
  /**
   * Stores a layer; fails, and stores nothing, if `chunks` fails.
   *
   * @throws OciError `OCI_OUTPUT_UNWRITABLE`
   */
  store(digest: Digest, chunks: AsyncIterable<Uint8Array>, options?: CallOptions): Promise<void>;
}

/** Opens a cache; its folder is made when the first layer is stored. Safe for many processes. */
export function createLayerCache(dir: string, ending = ".tgz"): LayerCache {
  const pathOf = (digest: Digest) => join(dir, `${digestHex(digest)}${ending}`);
  return {
    async find(digest) {
      const path = pathOf(digest);
      if ((await fileSize(path)) === undefined) return undefined;
      const isIntact = await hasDigest(path, digest);
      return isIntact ? fileChunks(path) : undefined;
    },
    async store(digest, chunks, options = {}) {
      await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
        throw unwritable(error, dir);
      });
      await writeFileAtomic(pathOf(digest), chunks, { mode: 0o600, signal: options.signal });
    },
  };
}

async function hasDigest(path: string, digest: Digest): Promise<boolean> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of fileChunks(path)) hash.update(chunk);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  return `sha256:${hash.digest("hex")}` === digest;
}
