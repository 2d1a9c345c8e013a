import { randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";

import { OciError } from "../errors.ts";

/**
 * The content of cosign's private key files, as JSON in PEM: github.com/secure-systems-lab/go-securesystemslib,
 * package `encrypted`. Bytes are base64.
 */
interface EncryptedKey {
  readonly kdf: {
    readonly name: "scrypt";
    readonly params: { readonly N: number; readonly r: number; readonly p: number };
    readonly salt: string;
  };
  readonly cipher: { readonly name: "nacl/secretbox"; readonly nonce: string };
  readonly ciphertext: string;
}

/** The costs of scrypt that the format allows; other ones could demand any amount of memory. */
const allowedCosts: readonly unknown[] = [2 ** 15, 2 ** 16, 2 ** 17];
const newCost = 2 ** 16;
const blockSize = 8;
const saltBytes = 32;
const keyBytes = 32;
const nonceBytes = 24;
const maxScryptMemory = 256 * 1024 * 1024;

/** Encrypts a private key in PKCS #8. */
export async function encryptKey(pkcs8: Uint8Array, password: string): Promise<Uint8Array> {
  const salt = randomBytes(saltBytes);
  const nonce = randomBytes(nonceBytes);
  const box = await openBox(password, salt, newCost, nonce);
  const content: EncryptedKey = {
    kdf: {
      name: "scrypt",
      params: { N: newCost, r: blockSize, p: 1 },
      salt: salt.toString("base64"),
    },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(box.encrypt(pkcs8)).toString("base64"),
  };
  return Buffer.from(JSON.stringify(content));
}

/**
 * Decrypts what {@link encryptKey} or cosign encrypted.
 *
 * @returns the key in PKCS #8
 * @throws OciError `OCI_KEY_INVALID`, `OCI_KEY_LOCKED`
 */
export async function decryptKey(content: Uint8Array, password: string): Promise<Uint8Array> {
  const { salt, cost, nonce, ciphertext } = parse(content);
  const box = await openBox(password, salt, cost, nonce);
  try {
    return box.decrypt(ciphertext);
  } catch (cause) {
    throw new OciError("OCI_KEY_LOCKED", "Cannot decrypt the private key: the password is wrong", {
      hint: "Check the password that the key was made with",
      cause,
    });
  }
}

function parse(content: Uint8Array) {
  let key: Partial<EncryptedKey> | null;
  try {
    key = JSON.parse(Buffer.from(content).toString("utf8")) as Partial<EncryptedKey> | null;
  } catch (cause) {
    throw malformed("it is not JSON", cause);
  }
  const { name, params, salt } = key?.kdf ?? {};
  if (name !== "scrypt" || key?.cipher?.name !== "nacl/secretbox") {
    throw malformed("it is not encrypted with scrypt and nacl/secretbox");
  }
  if (!allowedCosts.includes(params?.N) || params?.r !== blockSize || params.p !== 1) {
    throw malformed("its parameters of scrypt are not those that cosign uses");
  }
  const nonce = bytesOf(key.cipher.nonce);
  if (nonce.byteLength !== nonceBytes) throw malformed("its nonce has a wrong length");
  return { salt: bytesOf(salt), cost: params.N, nonce, ciphertext: bytesOf(key.ciphertext) };
}

function bytesOf(base64: unknown): Buffer {
  if (typeof base64 !== "string") throw malformed("a part is missing");
  return Buffer.from(base64, "base64");
}

async function openBox(password: string, salt: Uint8Array, cost: number, nonce: Uint8Array) {
  const options = { N: cost, r: blockSize, p: 1, maxmem: maxScryptMemory };
  const key = await deriveKey(password, salt, keyBytes, options);
  const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa.js");
  return xsalsa20poly1305(new Uint8Array(key), new Uint8Array(nonce));
}

const deriveKey = promisify<
  string,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);

function malformed(why: string, cause?: unknown): OciError {
  return new OciError("OCI_KEY_INVALID", `Cannot read the encrypted private key: ${why}`, {
    cause,
  });
}
