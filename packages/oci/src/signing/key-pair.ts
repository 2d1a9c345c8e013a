import { generateKeyPair as generate } from "node:crypto";
import { promisify } from "node:util";

import { encryptKey } from "./encrypted-key.ts";
import { cosignLabels, formatPem } from "./pem.ts";

/** Kinds of keys that are made. Cosign takes both. */
export type KeyKind = "ecdsa" | "ed25519";

/** A key pair as the texts of its files. */
export interface KeyPairFiles {
  /** Encrypted, in cosign's format. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/**
 * Makes a key pair for signatures; ECDSA is on P-256.
 *
 * @param password encrypts the private key
 */
export async function generateKeyPair(kind: KeyKind, password: string): Promise<KeyPairFiles> {
  const { privateKey, publicKey } = await generators[kind]();
  const pkcs8 = privateKey.export({ format: "der", type: "pkcs8" });
  const [label = ""] = cosignLabels;
  return {
    privateKey: formatPem({ label, bytes: await encryptKey(pkcs8, password) }),
    publicKey: publicKey.export({ format: "pem", type: "spki" }).toString(),
  };
}

const generateAsync = promisify(generate);
const generators = {
  ecdsa: () => generateAsync("ec", { namedCurve: "P-256" }),
  ed25519: () => generateAsync("ed25519"),
};
