import { stat } from "node:fs/promises";

import { type KeyKind, OciError, generateKeyPair, unwritable } from "@tenon/oci";
import { replaceFile } from "@tenon/schema";

import { writePrivateFile } from "../private-file.ts";

/** A key pair to make. */
export interface KeyPairRequest {
  /** Path of the files without `.key` and `.pub`. */
  readonly output: string;
  readonly kind: KeyKind;
  /** Encrypts the private key. */
  readonly password: string;
}

/** The files of a key pair. */
export interface WrittenKeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/**
 * Makes a key pair and writes it into two files, of which only the user may read that of the private key.
 *
 * @throws OciError `OCI_OUTPUT_EXISTS`, `OCI_OUTPUT_UNWRITABLE`; SchemaError `SCHEMA_FILE_INACCESSIBLE`
 */
export async function writeKeyPair(request: KeyPairRequest): Promise<WrittenKeyPair> {
  const { output, kind, password } = request;
  const files = { privateKey: `${output}.key`, publicKey: `${output}.pub` };
  for (const file of Object.values(files)) await mustNotExist(file);
  const texts = await generateKeyPair(kind, password);
  try {
    await replaceFile(files.publicKey, texts.publicKey);
    await writePrivateFile(files.privateKey, texts.privateKey);
  } catch (error) {
    throw unwritable(error, `the key pair ${output}`);
  }
  return files;
}

async function mustNotExist(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return;
  throw new OciError("OCI_OUTPUT_EXISTS", `Cannot write key ${file}: it is there already`, {
    hint: "Choose another name with --output: what was signed with a key is lost with it",
  });
}
