import { createHash } from "node:crypto";

import { type Digest, digestAlgorithm } from "@tenon/core";

import { OciError } from "../errors.ts";

/** What a stream of bytes must turn out to be. */
export interface Expected {
  readonly digest: Digest;
  readonly size: number;
  /** Names the content in an error, such as `blob sha256:… of ghcr.io/org/app`. */
  readonly what: string;
}

/**
 * Passes bytes on and fails as soon as they cannot be what was expected any more: past the size at
 * once, short of it or with another digest at the end.
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  expected: Expected,
): AsyncGenerator<Uint8Array, void, void> {
  const algorithm = digestAlgorithm(expected.digest);
  const hash = createHash(algorithm);
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > expected.size) throw sizeMismatch(expected, "more");
    hash.update(chunk);
    yield chunk;
  }
  if (size < expected.size) throw sizeMismatch(expected, `only ${size}`);
  checkDigest(`${algorithm}:${hash.digest("hex")}`, expected.digest, expected.what);
}

/**
 * Fails unless two digests are the same.
 *
 * @throws OciError `OCI_DIGEST_MISMATCH`
 */
export function checkDigest(actual: string, expected: string, what: string): void {
  if (actual === expected) return;
  throw new OciError(
    "OCI_DIGEST_MISMATCH",
    `Cannot use ${what}: its content has digest ${actual}`,
    {
      hint: "The content was damaged or changed on its way: fetch it again, from a source that you trust",
      details: { expected, actual },
    },
  );
}

/** The error for content of another size than its descriptor says. */
export function sizeMismatch(expected: Omit<Expected, "digest">, actual: string): OciError {
  return new OciError(
    "OCI_SIZE_MISMATCH",
    `Cannot use ${expected.what}: expected ${expected.size} bytes and got ${actual}`,
    { details: { expected: expected.size } },
  );
}
