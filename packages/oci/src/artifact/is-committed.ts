import { createHash } from "node:crypto";

import { type TarEntry, entrySize } from "../archive/tar-entry.ts";
import type { AnnotationSources } from "./annotations.ts";
import { readCommitted } from "./git.ts";

/**
 * Tells whether entries are the files that the last commit has, with the content that it has, of those of its
 * files that `isWanted` takes; what links and submodules hold is not compared. The files are hashed here: git
 * would run the filters that its configuration names.
 */
export async function isCommitted(
  entries: AsyncIterable<TarEntry>,
  isWanted: (path: string) => boolean,
  sources: AnnotationSources,
): Promise<boolean> {
  const { files, opaque } = await readCommitted(sources);
  const missing = new Set([...files.keys()].filter(isWanted));
  for await (const entry of entries) {
    if (entry.type === "directory" || isBelow(opaque, entry.path)) continue;
    const name = files.get(entry.path);
    if (name === undefined || name !== (await objectName(entry, name.length))) return false;
    missing.delete(entry.path);
  }
  return missing.size === 0;
}

function isBelow(folders: ReadonlySet<string>, path: string): boolean {
  const parts = path.split("/");
  return parts.some((_, index) => folders.has(parts.slice(0, index + 1).join("/")));
}

/**
 * The name that git gives to a file, by the hash that has names of this length.
 *
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage
 */
async function objectName(entry: TarEntry, length: number): Promise<string> {
  const hash = createHash(length === 64 ? "sha256" : "sha1");
  hash.update(`blob ${entrySize(entry)}\0`);
  const { content = new Uint8Array() } = entry;
  if (content instanceof Uint8Array) return hash.update(content).digest("hex");
  for await (const chunk of content()) hash.update(chunk);
  return hash.digest("hex");
}
