import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";

/** The files below these folders that have a word in them, as it is, in base64 or compressed. */
export async function filesWith(word: string, folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      if (hasWord(await readFile(file), word)) found.push(file);
    }
  }
  return found;
}

function hasWord(bytes: Buffer, word: string): boolean {
  const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  return content.includes(word) || content.includes(Buffer.from(word).toString("base64"));
}
