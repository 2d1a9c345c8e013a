import { readFile, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";

import { digestHex, isDigest, sha256 } from "@tenon/core";

import { writePrivateFile } from "../private-file.ts";
import type { SeenTag } from "./tag-event.ts";

/** Where tags pointed to when they were last seen. */
export interface SeenTags {
  find(name: string): Promise<SeenTag | undefined>;
  /** Remembers a tag from now on. What cannot be written is not remembered. */
  store(name: string, seen: Omit<SeenTag, "at">): Promise<void>;
}

/** How many tags are remembered. */
const mostKept = 1000;

interface Entry extends Omit<SeenTag, "at"> {
  readonly name: string;
}

/**
 * Opens the memory of tags, a file for each, so that runs at the same time do not get in each other's way.
 * The folder may be deleted; a file that is damaged is as good as none.
 */
export function openSeenTags(folder: string): SeenTags {
  const fileOf = (name: string): string =>
    path.join(folder, `${digestHex(sha256(Buffer.from(name)))}.json`);
  return {
    async find(name) {
      try {
        const entry = JSON.parse(await readFile(fileOf(name), "utf8")) as Partial<Entry> | null;
        const { digest, version } = entry ?? {};
        if (entry?.name !== name || typeof version !== "string") return undefined;
        if (typeof digest !== "string" || !isDigest(digest)) return undefined;
        const at = (await stat(fileOf(name))).mtime.toISOString();
        return { digest, version, at };
      } catch {
        return undefined;
      }
    },
    async store(name, seen) {
      const entry: Entry = { name, ...seen };
      try {
        await writePrivateFile(fileOf(name), `${JSON.stringify(entry)}\n`);
        await removeOldest(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
    },
  };
}

async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  if (names.length <= mostKept) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, changed: (await stat(file).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  const oldest = files.toSorted((a, b) => a.changed - b.changed).slice(0, names.length - mostKept);
  await Promise.all(oldest.map(({ file }) => rm(file, { force: true })));
}
