import { createHash } from "node:crypto";

import { type Digest, digestAlgorithm } from "@tenon/core";

/** The digest of bytes, with the algorithm of another digest. */
export function computeDigest(bytes: Uint8Array, like: Digest): Digest {
  const algorithm = digestAlgorithm(like);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}` as Digest;
}
