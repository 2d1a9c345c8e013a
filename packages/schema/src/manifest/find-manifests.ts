import { readFile, stat } from "node:fs/promises";
import path from "node:path";

import { SchemaError } from "../errors.ts";
import { filesBelow } from "../files/files-below.ts";
import { inaccessible } from "../files/replace-file.ts";
import { stdinName } from "../values/value-source.ts";
import type { ManifestFile } from "./parse-documents.ts";

const maxBytes = 50 * 1024 * 1024;

/**
 * Reads the files with manifests at a path: a file of any name, standard input for `-`, or all
 * `.yaml`, `.yml` and `.json` files below a folder but those that begin with a dot, in order of
 * their names.
 *
 * @throws SchemaError `SCHEMA_PATH_INVALID`, `SCHEMA_FILE_INACCESSIBLE`
 */
export async function findManifests(
  source: string,
  stdin: () => Promise<Uint8Array>,
): Promise<ManifestFile[]> {
  if (source === stdinName) return [{ name: "stdin", content: await stdin() }];
  const info = await stat(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") {
      throw invalidPath(source, "no such file or folder");
    }
    throw inaccessible("read", source, error);
  });
  const names = info.isDirectory() ? await manifestsBelow(source) : [source];
  if (names.length === 0) throw invalidPath(source, "no .yaml, .yml or .json file is in it");
  const files: ManifestFile[] = [];
  let bytes = 0;
  for (const name of names) {
    const content = await readFile(name).catch((error: unknown) => {
      throw inaccessible("read", name, error);
    });
    bytes += content.length;
    if (bytes > maxBytes) throw invalidPath(source, "its files are larger than 50 MiB together");
    files.push({ name, content });
  }
  return files;
}

async function manifestsBelow(folder: string): Promise<string[]> {
  const found = await filesBelow(folder, {
    skips: (name) => name.startsWith("."),
    takes: ({ name }) => /\.(ya?ml|json)$/i.test(name),
  });
  return found.map((file) => path.join(folder, file));
}

function invalidPath(source: string, reason: string): SchemaError {
  return new SchemaError("SCHEMA_PATH_INVALID", `Cannot read manifests of ${source}: ${reason}`, {
    hint: "Give a file of manifests, a folder of them, or - for standard input",
  });
}
