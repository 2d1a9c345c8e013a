import { readFile } from "node:fs/promises";

import { inaccessible, replaceFile } from "../files/replace-file.ts";
import type { ConfigField } from "./config-field.ts";
import { configTable } from "./config-table.ts";
import { insertConfigTable } from "./insert-config-table.ts";

/**
 * Writes the table of a module's values into a Markdown file, as `insertConfigTable` says. A file
 * that is not there is made.
 *
 * @returns whether the file differed
 * @throws SchemaError `SCHEMA_README_INVALID`, `SCHEMA_FILE_INACCESSIBLE`
 */
export async function writeConfigTable(options: {
  readonly file: string;
  readonly fields: readonly ConfigField[];
  /** Only tell, do not write. */
  readonly check?: boolean;
}): Promise<boolean> {
  const { file, fields, check = false } = options;
  const before = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw inaccessible("read", file, error);
  });
  const after = insertConfigTable(before ?? "", configTable(fields), file);
  if (before === after) return false;
  if (!check) await replaceFile(file, after);
  return true;
}
