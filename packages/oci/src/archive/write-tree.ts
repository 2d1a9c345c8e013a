import { chmod, mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { messageOf } from "@tenon/core";

import { hasErrno } from "../content/node-file.ts";
import { unwritable } from "../content/unwritable.ts";
import { readAll } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import type { ReadEntry } from "./read-tar.ts";

/** Writes entries into a folder, small files several at once. */
export interface TreeWriter {
  /** Takes an entry; its content has been read when this resolves, but may not be written yet. */
  write(entry: ReadEntry): Promise<void>;
  /** Waits until everything is written; rejects with what failed. */
  finish(): Promise<void>;
  /** Waits until nothing is being written any more, whatever failed. */
  settle(): Promise<void>;
}

const smallFile = 128 * 1024;
const maxPending = 16;

/** Makes a writer for a folder that nobody else writes into. */
export function createTreeWriter(root: string): TreeWriter {
  const folders = new Set<string>();
  const files = new Set<string>();
  const pending = new Set<Promise<void>>();
  let failure: Error | undefined;
  const finish = async (): Promise<void> => {
    await Promise.all(pending);
    if (failure !== undefined) throw failure;
  };
  const start = (writing: Promise<void>): void => {
    const settled: Promise<void> = writing
      .catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(messageOf(error));
      })
      .finally(() => pending.delete(settled));
    pending.add(settled);
  };
  return {
    async write(entry) {
      // What was written under this path before must be there before it is replaced.
      if (files.has(entry.path)) await finish();
      if (entry.type === "directory") return writeFolder(root, entry, folders);
      const parent = dirname(entry.path);
      if (!folders.has(parent)) await makeFolder(join(root, parent), entry.path);
      folders.add(parent);
      files.add(entry.path);
      if (entry.size > smallFile) return writeFile(root, entry, entry.content);
      const bytes = await readAll(entry.content, entry.size, entry.path);
      if (pending.size >= maxPending) await Promise.race(pending);
      if (failure !== undefined) throw failure;
      return start(writeFile(root, entry, [bytes]));
    },
    finish,
    settle: async () => {
      await Promise.all(pending);
    },
  };
}

async function writeFolder(root: string, entry: ReadEntry, folders: Set<string>): Promise<void> {
  for await (const _ of entry.content);
  // The root keeps our own mode, which decides who can get in.
  if (entry.path === ".") return;
  const path = join(root, entry.path);
  await makeFolder(path, entry.path);
  await chmod(path, entry.mode | 0o700);
  folders.add(entry.path);
}

async function makeFolder(path: string, name: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw explained(error, name);
  }
}

async function writeFile(
  root: string,
  entry: ReadEntry,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const path = join(root, entry.path);
  try {
    const file = await openNew(path, entry.mode);
    try {
      for await (const chunk of chunks) {
        let at = 0;
        while (at < chunk.byteLength) at += (await file.write(chunk, at)).bytesWritten;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explained(error, entry.path);
  }
}

/** A new file, never one that is there: a later layer replaces files, it does not write into them. */
async function openNew(path: string, mode: number): ReturnType<typeof open> {
  try {
    return await open(path, "wx", mode);
  } catch (error) {
    if (!hasErrno(error, "EEXIST")) throw error;
    await rm(path);
    return open(path, "wx", mode);
  }
}

function explained(cause: unknown, name: string): unknown {
  if (!hasErrno(cause, "EISDIR", "ENOTDIR", "EEXIST", "ERR_FS_EISDIR")) {
    return unwritable(cause, name);
  }
  const message = `Cannot unpack ${name}: it is a file and a directory at once`;
  return new OciError("OCI_ARCHIVE_INVALID", message, { cause });
}
