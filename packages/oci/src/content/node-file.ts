import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { unwritable } from "./unwritable.ts";

const chunkSize = 128 * 1024;
/** Bytes that are collected before they are written, and chunks at most. */
const batchBytes = 256 * 1024;
const batchChunks = 256;

/** Options of {@link fileChunks}. */
export interface FileChunksOptions {
  readonly start?: number | undefined;
  /** Byte after the last one. */
  readonly end?: number | undefined;
}

/** The bytes of a file in chunks. */
export async function* fileChunks(
  path: string,
  options: FileChunksOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  const file = await open(path, "r");
  try {
    yield* handleChunks(file, options);
  } finally {
    await file.close();
  }
}

/** The bytes of an open file in chunks. It stays open. */
export async function* handleChunks(
  file: FileHandle,
  options: FileChunksOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  let at = options.start ?? 0;
  const end = options.end ?? Number.POSITIVE_INFINITY;
  while (at < end) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/** Options of {@link writeFileAtomic}. */
export interface WriteFileAtomicOptions {
  readonly mode?: number | undefined;
  /** Where the file is written before it is renamed; beside `path` by default, on the same volume. */
  readonly temporary?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Also the name of the file outlasts a failure of power, not its content alone. */
  readonly durable?: boolean | undefined;
  /** Called when all is written; what it throws leaves everything as it was. */
  readonly beforeRename?: (() => Promise<void>) | undefined;
}

/**
 * Writes a file so that others see all of it or nothing, also after a crash.
 *
 * @throws OciError `OCI_OUTPUT_UNWRITABLE`
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string | AsyncIterable<Uint8Array>,
  options: WriteFileAtomicOptions = {},
): Promise<void> {
  const folder = options.temporary ?? dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(temporary, "wx", options.mode ?? 0o644);
    try {
      for await (const batch of batched(chunksOf(content))) {
        options.signal?.throwIfAborted();
        await writeFully(file, batch);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await options.beforeRename?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(error, path);
  }
  if (options.durable === true) await syncFolder(dirname(path));
}

/** Makes a folder, and those above it that are missing, so that they outlast a failure of power. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

/** Makes what was named, renamed or removed in a folder outlast a failure of power. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    // Not every system opens folders, or syncs them.
    if (!hasErrno(error, "EISDIR", "EPERM", "EINVAL", "ENOTSUP")) throw error;
  }
}

/** The size of a file, or nothing where there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Tells the error for a file that does not exist from others. */
export function isMissing(error: unknown): boolean {
  return hasErrno(error, "ENOENT", "ENOTDIR");
}

/** Tells whether an error of the system has one of these codes. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes(String((error as NodeJS.ErrnoException).code));
}

async function* chunksOf(
  content: Uint8Array | string | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  if (typeof content === "string") yield Buffer.from(content);
  else if (content instanceof Uint8Array) yield content;
  else yield* content;
}

/** Chunks in larger pieces: each write takes a thread and comes back. */
async function* batched(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array[], void, void> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    batch.push(chunk);
    size += chunk.byteLength;
    if (size < batchBytes && batch.length < batchChunks) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (size > 0) yield batch;
}

async function writeFully(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let left = chunks;
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left);
    left = after(left, bytesWritten);
  }
}

/** What is left of chunks after their first bytes. */
function after(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return chunks.flatMap((chunk) => {
    const part = chunk.subarray(Math.min(skip, chunk.byteLength));
    skip -= chunk.byteLength - part.byteLength;
    return part.byteLength > 0 ? [part] : [];
  });
}
