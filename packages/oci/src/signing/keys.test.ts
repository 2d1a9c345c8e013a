import { createPublicKey, generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { signBytes, verifyBytes } from "./algorithm.ts";
import { encryptKey } from "./encrypted-key.ts";
import { generateKeyPair } from "./key-pair.ts";
import { formatPem } from "./pem.ts";
import { readPrivateKey } from "./private-key.ts";
import { keyHint, readPublicKey } from "./public-key.ts";

const bytes = Buffer.from("what is signed");
const never = (): Promise<string> => Promise.reject(new Error("no password is needed"));

/** `COSIGN_PASSWORD=pw cosign generate-key-pair` of cosign v3.1.3; it is used nowhere. */
const cosignKey = `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiJzMkVLLzFSaXh4NldWZU9lSjRabEJhM2dZcXcvZlU1
NFVCQ0toeXBrelp3PSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJ0SDh5TXNGY0tlWERrQTFqZTI5ZDFad01QZjRsbXFUeSJ9LCJj
aXBoZXJ0ZXh0IjoiK0Y5cDFrRDBIYnZrdzFmbkFDUDZXcTQxRjR6OGo0NnZWYllO
Z1R2S2FuMmtXbVl0Wk56NWdubFJjL3EvTUpBVGVqOVBLdUVlODJmU0U0UTF2bXE0
S3U4UkErbEk0aEk0L2FXMHhpSFVycTlJLzdtRUxHTzFJVDJVUHhiMXRpMUNZWndl
NlBhOTdoY0ljc3pmSUdxZTJEeVgrc3dQUHBISGZEUVl4SXdJaHNaN1owZ28vZERa
MXlOQWx2L3ZsVlNFemRvalpHdVlWaXFMN3c9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
`;
const cosignHint = "WkaM3mPBY14oWxidc1pIqfk7hxPpTFIF4muq8xexm8Y=";

const pair = (curve: string) => generateKeyPairSync("ec", { namedCurve: curve });
const pairs = {
  "P-256": pair("P-256"),
  "P-384": pair("P-384"),
  "P-521": pair("P-521"),
  Ed25519: generateKeyPairSync("ed25519"),
  RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }),
};

describe("readPrivateKey() and readPublicKey()", () => {
  it.each(Object.entries(pairs))("read %s in PEM", async (_name, { privateKey, publicKey }) => {
    const pkcs8 = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const key = await readPrivateKey(pkcs8, never);
    const spki = publicKey.export({ format: "pem", type: "spki" }).toString();
    const signature = signBytes(key, bytes);
    expect(await verifyBytes(readPublicKey(spki), bytes, signature)).toBe(true);
    expect(await verifyBytes(readPublicKey(spki), Buffer.from("other"), signature)).toBe(false);
  });

  it("read SEC 1 after the parameters of its curve, and PKCS #1", async () => {
    const sec1 = pairs["P-256"].privateKey.export({ format: "pem", type: "sec1" }).toString();
    const parameters =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    const read = await readPrivateKey(parameters + sec1, never);
    expect(read.equals(pairs["P-256"].privateKey)).toBe(true);
    const pkcs1 = pairs.RSA.privateKey.export({ format: "pem", type: "pkcs1" }).toString();
    expect((await readPrivateKey(pkcs1, never)).equals(pairs.RSA.privateKey)).toBe(true);
  });

  it("read encrypted PKCS #8", async () => {
    const { privateKey } = pairs["P-256"];
    const text = privateKey
      .export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "pw" })
      .toString();
    const read = await readPrivateKey(text, () => Promise.resolve("pw"));
    expect(read.equals(privateKey)).toBe(true);
    await expect(readPrivateKey(text, () => Promise.resolve("no"))).rejects.toMatchObject({
      code: "OCI_KEY_LOCKED",
    });
  });

  it("read a key that cosign made", async () => {
    const key = await readPrivateKey(cosignKey, () => Promise.resolve("pw"));
    const old = cosignKey.replaceAll("SIGSTORE", "COSIGN");
    expect((await readPrivateKey(old, () => Promise.resolve("pw"))).equals(key)).toBe(true);
    expect(keyHint(createPublicKey(key))).toBe(cosignHint);
  });

  it("read what generateKeyPair() made, with its password alone", async () => {
    for (const kind of ["ecdsa", "ed25519"] as const) {
      const files = await generateKeyPair(kind, "päss");
      const key = await readPrivateKey(files.privateKey, () => Promise.resolve("päss"));
      expect(files.privateKey).toMatch(/^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n/);
      expect(keyHint(readPublicKey(files.publicKey))).toBe(keyHint(createPublicKey(key)));
      const wrong = readPrivateKey(files.privateKey, () => Promise.resolve("pass"));
      await expect(wrong).rejects.toMatchObject({ code: "OCI_KEY_LOCKED" });
    }
  });

  it("refuse what is no key, or one of a kind that nothing else takes", async () => {
    const { privateKey, publicKey } = pairs["P-256"];
    const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    const agreement = generateKeyPairSync("x25519").privateKey;
    const texts = [
      "",
      "no key",
      "-----BEGIN ".repeat(4000),
      pem.replace(/\n[A-Za-z0-9+/]{64}/, ""),
      publicKey.export({ format: "pem", type: "spki" }).toString(),
      weak.export({ format: "pem", type: "pkcs8" }).toString(),
      agreement.export({ format: "pem", type: "pkcs8" }).toString(),
      pair("secp256k1").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    ];
    for (const text of texts) {
      await expect(readPrivateKey(text, never)).rejects.toMatchObject({ code: "OCI_KEY_INVALID" });
    }
    for (const text of ["", pem, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]) {
      expect(() => readPublicKey(text)).toThrow(
        expect.objectContaining({ code: "OCI_KEY_INVALID" }),
      );
    }
  });

  it("refuse an encrypted key that would take any amount of memory, or is damaged", async () => {
    const pkcs8 = pairs["P-256"].privateKey.export({ format: "der", type: "pkcs8" });
    const good = JSON.parse(Buffer.from(await encryptKey(pkcs8, "pw")).toString()) as EncryptedJson;
    const bad: unknown[] = [
      { ...good, kdf: { ...good.kdf, params: { N: 2 ** 30, r: 8, p: 1 } } },
      { ...good, kdf: { ...good.kdf, params: { N: 65_536, r: 1024, p: 1 } } },
      { ...good, kdf: { ...good.kdf, name: "none" } },
      { ...good, kdf: { ...good.kdf, salt: 1 } },
      { ...good, cipher: { ...good.cipher, nonce: "AAAA" } },
      { ...good, cipher: undefined },
      null,
      [],
      7,
    ];
    const read = (content: unknown): Promise<unknown> => {
      const json = Buffer.from(JSON.stringify(content));
      const text = formatPem({ label: "ENCRYPTED SIGSTORE PRIVATE KEY", bytes: json });
      return readPrivateKey(text, () => Promise.resolve("pw"));
    };
    await expect(read(good)).resolves.toBeDefined();
    for (const content of bad) {
      await expect(read(content)).rejects.toMatchObject({ code: "OCI_KEY_INVALID" });
    }
    const changed = {
      ...good,
      ciphertext: good.ciphertext.replace(/^./, (c) => (c === "A" ? "B" : "A")),
    };
    await expect(read(changed)).rejects.toMatchObject({ code: "OCI_KEY_LOCKED" });
  });
});

interface EncryptedJson {
  readonly kdf: { readonly params: unknown };
  readonly cipher: { readonly nonce: string };
  readonly ciphertext: string;
}
