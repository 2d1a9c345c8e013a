import { type KeyObject, sign, verify } from "node:crypto";

import { OciError } from "../errors.ts";

const leastRsaBits = 2048;

/**
 * Signs bytes: ECDSA and RSA (PKCS #1 v1.5) with SHA-256, or Ed25519. It is what `cosign verify` takes without
 * flags, whatever the curve.
 *
 * @throws OciError `OCI_KEY_INVALID`
 */
export function signBytes(privateKey: KeyObject, bytes: Uint8Array): Buffer {
  const [hash = null] = hashesOf(privateKey);
  return sign(hash, bytes, privateKey);
}

/**
 * Tells whether a signature is of these bytes by the holder of the key. Beside SHA-256 the
 * hash of a curve's size is taken, and beside Ed25519 its prehashed form, which cosign makes.
 *
 * @throws OciError `OCI_KEY_INVALID`
 */
export async function verifyBytes(
  publicKey: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (hashesOf(publicKey).some((hash) => verify(hash, bytes, publicKey, signature))) return true;
  if (publicKey.asymmetricKeyType !== "ed25519" || signature.byteLength !== 64) return false;
  const { ed25519ph } = await import("@noble/curves/ed25519.js");
  const point = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return ed25519ph.verify(signature, bytes, point);
}

/**
 * Checks that a key is of a kind that signs and verifies here.
 *
 * @throws OciError `OCI_KEY_INVALID`
 */
export function checkKey(key: KeyObject): KeyObject {
  hashesOf(key);
  return key;
}

/** The hashes that keys of a kind are used with; the first is that of new signatures. */
function hashesOf(key: KeyObject): readonly (string | null)[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return [null];
  if (type === "ec") {
    const hash = curveHashes[details?.namedCurve ?? ""];
    if (hash !== undefined) return ["sha256", hash];
    throw unsupported(`the curve ${details?.namedCurve}`);
  }
  if (type !== "rsa") throw unsupported(type ?? key.type);
  const bits = details?.modulusLength ?? 0;
  if (bits >= leastRsaBits) return ["sha256"];
  throw unsupported(`RSA with ${bits} bits`);
}

/** OpenSSL's names of P-256, P-384 and P-521. */
const curveHashes: Readonly<Record<string, string>> = {
  prime256v1: "sha256",
  secp384r1: "sha384",
  secp521r1: "sha512",
};

function unsupported(what: string): OciError {
  return new OciError("OCI_KEY_INVALID", `Cannot use the key: ${what} is not supported`, {
    hint: `Use a key for ECDSA (P-256, P-384, P-521), Ed25519, or RSA of at least ${leastRsaBits} bits`,
  });
}
