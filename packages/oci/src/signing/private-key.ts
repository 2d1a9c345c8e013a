import { type KeyObject, createPrivateKey } from "node:crypto";

import { OciError } from "../errors.ts";
import { checkKey } from "./algorithm.ts";
import { decryptKey } from "./encrypted-key.ts";
import { cosignLabels, readPem } from "./pem.ts";

/** Gives the password of a private key; it is asked for only where the key has one. */
export type AskPassword = () => Promise<string>;

/**
 * Reads a private key: cosign's encrypted file, or PKCS #8, SEC 1 or PKCS #1 in PEM, encrypted or not.
 *
 * @throws OciError `OCI_KEY_INVALID`, `OCI_KEY_LOCKED`, and what `askPassword` throws
 * @example
 * ```ts
 * const key = await readPrivateKey(await readFile("cosign.key", "utf8"), async () => password);
 * await signArtifact(registry, "org/app", digest, { key });
 * ```
 */
export async function readPrivateKey(text: string, askPassword: AskPassword): Promise<KeyObject> {
  const pem = readPem(text);
  if (pem.label === "PUBLIC KEY") {
    throw new OciError("OCI_KEY_INVALID", "Cannot read the private key: it is a public key", {
      hint: "Give the private key, such as cosign.key beside cosign.pub",
    });
  }
  if (cosignLabels.includes(pem.label)) {
    const content = await decryptKey(pem.bytes, await askPassword());
    return importKey({ key: Buffer.from(content), format: "der", type: "pkcs8" });
  }
  const isEncrypted = pem.label === "ENCRYPTED PRIVATE KEY" || /^DEK-Info:/m.test(text);
  if (!isEncrypted) return importKey({ key: text });
  const passphrase = await askPassword();
  try {
    return checkKey(createPrivateKey({ key: text, passphrase }));
  } catch (cause) {
    if (cause instanceof OciError) throw cause;
    throw new OciError("OCI_KEY_LOCKED", "Cannot decrypt the private key: the password is wrong", {
      hint: "Check the password that the key was made with",
      cause,
    });
  }
}

function importKey(input: Parameters<typeof createPrivateKey>[0]): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(input);
  } catch (cause) {
    throw new OciError("OCI_KEY_INVALID", "Cannot read the private key: it is damaged", { cause });
  }
  return checkKey(key);
}
