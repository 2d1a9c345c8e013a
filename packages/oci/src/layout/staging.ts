import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rm, rmdir, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { isAlive } from "../content/file-lock.ts";
import { hasErrno, isMissing } from "../content/node-file.ts";

/** The folder in which one process writes what is not whole yet, on the volume where it will be. */
export interface Staging {
  /** The folder. It is made when it is first asked for, and what processes that died left is removed. */
  folder(): Promise<string>;
  /** Removes the folder with all that is in it. */
  close(): Promise<void>;
}

/** What another host has not touched for this long is taken for left behind, in milliseconds. */
const foreignLifetime = 24 * 3_600_000;
const own = new Set<string>();

/** Names the staging folder of this process under the root of a store. */
export function createStaging(root: string): Staging {
  const parent = join(root, ".staging");
  const name = `${hostMark()}-${process.pid}-${randomBytes(6).toString("hex")}`;
  const path = join(parent, name);
  own.add(name);
  let swept: Promise<void> | undefined;
  return {
    async folder() {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await (swept ??= sweep(parent));
      return path;
    },
    async close() {
      own.delete(name);
      await rm(path, { recursive: true, force: true });
      await removeEmpty(parent);
    },
  };
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (await isLeftBehind(path, name)) await rm(path, { recursive: true, force: true });
  }
}

async function isLeftBehind(path: string, name: string): Promise<boolean> {
  const [, host, pid] = /^([\da-f]+)-(\d+)-[\da-f]+$/.exec(name) ?? [];
  if (pid === undefined || own.has(name)) return false;
  // The number of a dead process may be ours by now.
  const isOurs = Number(pid) === process.pid;
  if (host === hostMark()) return isOurs || !isAlive(Number(pid));
  try {
    return Date.now() - (await stat(path)).mtimeMs > foreignLifetime;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function hostMark(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isMissing(error) && !hasErrno(error, "ENOTEMPTY", "EEXIST")) throw error;
  }
}
