import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";

import { inaccessible } from "./replace-file.ts";

/**
 * Finds files below a folder, in order of their names.
 *
 * @param options.name how messages name the folder, unless by its path
 * @param options.skips files and folders to leave out, by name
 * @returns paths from the folder
 * @throws SchemaError `SCHEMA_FILE_INACCESSIBLE`
 */
export async function filesBelow(
  folder: string,
  options: {
    readonly name?: string;
    readonly skips: (name: string) => boolean;
    readonly takes: (entry: Dirent) => boolean;
  },
  below = "",
): Promise<string[]> {
  const { name = folder, skips, takes } = options;
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(
    (error: unknown) => {
      throw inaccessible("read", path.join(name, below), error);
    },
  );
  const found: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = path.join(below, entry.name);
    if (skips(entry.name)) continue;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, options, inner)));
    else if (takes(entry)) found.push(inner);
  }
  return found;
}
