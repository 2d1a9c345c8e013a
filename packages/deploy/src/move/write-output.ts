import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";

import { OciError, unwritable, writeFileAtomic } from "@tenon/oci";

import type { CarriedFile } from "./carried-files.ts";
import { mirrorsHeader } from "./mirrors-file.ts";

/**
 * Writes a file of mirrors. One that an import wrote before is replaced.
 *
 * @throws OciError `OCI_OUTPUT_EXISTS` for any other file that is there, `OCI_OUTPUT_UNWRITABLE`
 */
export async function writeMirrors(file: string, text: string): Promise<void> {
  const known = await readFile(file, "utf8").catch(() => undefined);
  if (known !== undefined && !known.startsWith(mirrorsHeader)) {
    throw new OciError("OCI_OUTPUT_EXISTS", `Cannot write ${file}: it holds something else`, {
      hint: "Choose another file, and add its entries to yours",
    });
  }
  await write(file, text);
}

/**
 * Writes the files that travelled with a bundle into a folder. Those that are there are replaced.
 *
 * @throws OciError `OCI_OUTPUT_UNWRITABLE`
 */
export async function writeFiles(folder: string, files: readonly CarriedFile[]): Promise<void> {
  for (const { name, content } of files) await write(path.join(folder, name), content);
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomic(file, content);
  } catch (error) {
    throw unwritable(error, file);
  }
}
