import { type KeyObject, createHash, createPublicKey } from "node:crypto";

import { OciError } from "../errors.ts";
import { checkKey } from "./algorithm.ts";
import { readPem } from "./pem.ts";

/**
 * Reads a public key in PEM.
 *
 * @throws OciError `OCI_KEY_INVALID`
 */
export function readPublicKey(text: string): KeyObject {
  if (readPem(text).label.endsWith("PRIVATE KEY")) {
    throw new OciError("OCI_KEY_INVALID", "Cannot read the public key: it is a private key", {
      hint: "Give the public key, such as cosign.pub beside cosign.key",
    });
  }
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch (cause) {
    throw new OciError("OCI_KEY_INVALID", "Cannot read the public key: it is damaged", { cause });
  }
  return checkKey(key);
}

/** Names a public key as sigstore bundles do: SHA-256 of its DER form, in base64. */
export function keyHint(publicKey: KeyObject): string {
  const der = publicKey.export({ format: "der", type: "spki" });
  return createHash("sha256").update(der).digest("base64");
}
