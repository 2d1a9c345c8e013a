import type { Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";

import pMap from "p-map";

import { fileChunks, hasErrno, isMissing } from "../content/node-file.ts";
import { OciError } from "../errors.ts";
import { type TarEntry, compareBytes, isInGit } from "./tar-entry.ts";

/** Tells whether a path of a tree is taken. */
export type PathFilter = (path: string, isDirectory: boolean) => boolean;

/** Options of {@link readTree}. */
export interface ReadTreeOptions {
  readonly filter?: PathFilter | undefined;
  /** Takes what links point to; without it links are left out. */
  readonly resolveLinks?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Walks a folder in the order of an archive. Sockets and devices are left out, and links unless they are resolved. A folder
 * that the filter refuses is walked all the same, for what is in it may be taken; `.git` is not. A file gives one entry.
 *
 * @throws OciError `OCI_SOURCE_INVALID` if there is nothing at `root`
 */
export async function* readTree(
  root: string,
  options: ReadTreeOptions = {},
): AsyncGenerator<TarEntry, void, void> {
  const found = await stat(root).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    const why = "there is no such file or directory";
    throw new OciError("OCI_SOURCE_INVALID", `Cannot pack ${root}: ${why}`, { cause: error });
  });
  if (found.isDirectory()) yield* walk(root, "", options);
  else yield fileEntry(root, basename(root), found);
}

async function* walk(
  root: string,
  folder: string,
  options: ReadTreeOptions,
  ancestors: readonly string[] = [],
): AsyncGenerator<TarEntry, void, void> {
  options.signal?.throwIfAborted();
  const inside = options.resolveLinks ? await enter(join(root, folder), ancestors) : ancestors;
  const all = await readdir(join(root, folder));
  const names = all.filter((name) => !isInGit(name)).sort(compareBytes);
  const paths = names.map((name) => (folder === "" ? name : `${folder}/${name}`));
  const inspected = await pMap(
    paths,
    async (path) => ({ path, found: await inspect(join(root, path), path, options) }),
    { concurrency: 16 },
  );
  for (const { path, found } of inspected) {
    if (found === undefined) continue;
    const isTaken = options.filter?.(path, found.isDirectory()) ?? true;
    if (found.isDirectory()) {
      if (isTaken) yield { path, type: "directory" };
      yield* walk(root, path, options, inside);
    } else if (found.isFile() && isTaken) {
      yield fileEntry(join(root, path), path, found);
    }
  }
}

/** What is at a path; nothing for a link that leads nowhere and is not taken anyway. */
async function inspect(
  file: string,
  path: string,
  options: ReadTreeOptions,
): Promise<Stats | undefined> {
  const found = await lstat(file);
  if (!found.isSymbolicLink() || options.resolveLinks !== true) return found;
  try {
    return await stat(file);
  } catch (cause) {
    if (!hasErrno(cause, "ENOENT", "ENOTDIR", "ELOOP")) throw cause;
    if (options.filter?.(path, false) === false) return undefined;
    const message = `Cannot pack ${path}: it is a link that leads nowhere`;
    throw new OciError("OCI_SOURCE_INVALID", message, { cause });
  }
}

/** Adds a folder to those that the walk is in, which a link must not lead back to. */
async function enter(folder: string, ancestors: readonly string[]): Promise<readonly string[]> {
  const real = await realpath(folder);
  if (!ancestors.includes(real)) return [...ancestors, real];
  throw new OciError("OCI_SOURCE_INVALID", `Cannot pack ${folder}: its links lead in a circle`);
}

function fileEntry(file: string, path: string, found: { size: number; mode: number }): TarEntry {
  const { mode, size } = found;
  // One byte more than expected, so that a file that grew is noticed.
  const content = () => fileChunks(file, { end: size + 1 });
  return { path, type: "file", mode, size, content };
}
