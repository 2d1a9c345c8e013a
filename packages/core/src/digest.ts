import { createHash } from "node:crypto";

import { TenonError } from "./tenon-error.ts";

/** `sha256:` and 64 lower-case hex digits, or `sha512:` and 128. */
export type Digest = string & { readonly __brand: "Digest" };

const lengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** Tells whether a text is a digest in the OCI form `algorithm:hex` with a known algorithm. */
export function isDigest(text: string): text is Digest {
  const [algorithm, hex, ...rest] = text.split(":");
  if (algorithm === undefined || hex === undefined || rest.length > 0) return false;
  return hex.length === lengths[algorithm] && /^[0-9a-f]+$/.test(hex);
}

/**
 * Reads a digest.
 *
 * @throws TenonError `DIGEST_INVALID`
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new TenonError(
    "DIGEST_INVALID",
    `Cannot read digest ${JSON.stringify(text)}: not of the form sha256:<64 hex digits>`,
    {
      hint: "Copy the digest as the registry prints it, such as sha256:5b943e2b…",
    },
  );
}

/** The algorithm of a digest, as `node:crypto` names it. */
export function digestAlgorithm(digest: Digest): "sha256" | "sha512" {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}

/** The hex part of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** The sha256 digest of bytes or of a text in UTF-8. */
export function sha256(content: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(content).digest("hex")}` as Digest;
}
