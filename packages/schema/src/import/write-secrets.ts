import { lstat, writeFile } from "node:fs/promises";

import { stringify } from "yaml";

import { SchemaError } from "../errors.ts";
import { inaccessible } from "../files/replace-file.ts";
import { valueSource } from "../values/value-source.ts";
import type { ValueTree } from "./draft.ts";

/**
 * Checks that a values file can be made.
 *
 * @throws SchemaError `SCHEMA_VALUES_INVALID` for an unknown ending, `SCHEMA_ALREADY_EXISTS`
 */
export async function checkSecretsFile(file: string): Promise<void> {
  valueSource(file, Buffer.alloc(0));
  if (!(await lstat(file).catch(() => undefined))) return;
  throw new SchemaError(
    "SCHEMA_ALREADY_EXISTS",
    `Cannot write the values of Secrets to ${file}: it exists already`,
    { hint: "Choose another name" },
  );
}

/**
 * Writes values to a new file that only its owner may read.
 *
 * @throws SchemaError `SCHEMA_FILE_INACCESSIBLE`
 */
export async function writeSecrets(file: string, secrets: ValueTree): Promise<void> {
  const values = { values: secrets };
  // The text of JSON is CUE too.
  const isYaml = valueSource(file, Buffer.alloc(0)).kind === "yaml";
  const text = isYaml ? stringify(values, { lineWidth: 0 }) : JSON.stringify(values, null, 2);
  const options = { flag: "wx", mode: 0o600 };
  await writeFile(file, `${text.trimEnd()}\n`, options).catch((error: unknown) => {
    throw inaccessible("write", file, error);
  });
}
