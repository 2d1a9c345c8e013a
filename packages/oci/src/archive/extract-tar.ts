import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { hasErrno, isMissing } from "../content/node-file.ts";
import { unwritable } from "../content/unwritable.ts";
import { readAll } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import { type UnpackLimits, readTar } from "./read-tar.ts";
import { createTreeWriter } from "./write-tree.ts";

/** A file of an archive in memory. */
export interface UnpackedFile {
  readonly data: Uint8Array;
  readonly mode: number;
}

/** Options of {@link extractTar}. */
export interface ExtractTarOptions extends UnpackLimits {
  /** Tells whether a file is unpacked; all are unless given. */
  readonly isWanted?: ((path: string) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks gzipped tars, one over the other, into a folder. Everything is unpacked beside it first,
 * so that a failure leaves it as it was; then files replace those of the same path, and others stay.
 *
 * @throws OciError `OCI_OUTPUT_UNWRITABLE`, and as {@link readTar}
 */
export async function extractTar(
  archives: Iterable<AsyncIterable<Uint8Array>> | AsyncIterable<AsyncIterable<Uint8Array>>,
  dir: string,
  options: ExtractTarOptions = {},
): Promise<void> {
  const target = resolve(dir);
  const staging = `${join(dirname(target), `.${basename(target)}`)}.${randomBytes(6).toString("hex")}`;
  const writer = createTreeWriter(staging);
  try {
    await mkdir(dirname(target), { recursive: true });
    await mkdir(staging, { mode: 0o755 });
    for await (const archive of archives) {
      for await (const entry of readTar(archive, options)) {
        options.signal?.throwIfAborted();
        if (entry.type === "directory" || (options.isWanted?.(entry.path) ?? true)) {
          await writer.write(entry);
        } else {
          for await (const _ of entry.content) void _;
        }
      }
    }
    await writer.finish();
    await publish(staging, target);
  } catch (error) {
    throw unwritable(error, dir);
  } finally {
    await writer.settle();
    // Where it could not be made, there is nothing to remove.
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Unpacks the files of a gzipped tar into memory, into `files` if it is given.
 *
 * @throws OciError as {@link readTar}
 */
export async function extractTarToMap(
  archive: AsyncIterable<Uint8Array>,
  limits: UnpackLimits = {},
  files: Map<string, UnpackedFile> = new Map(),
): Promise<Map<string, UnpackedFile>> {
  for await (const { type, path, mode, size, content } of readTar(archive, limits)) {
    if (type === "directory") continue;
    files.set(path, { data: await readAll(content, size, path), mode });
  }
  return files;
}

/** Moves a finished tree to its place: at once where nothing is there, else file by file. */
async function publish(staging: string, target: string): Promise<void> {
  const found = await kindOf(target, true);
  if (found === "none") {
    await rename(staging, target);
    return;
  }
  if (found !== "directory") throw notDirectory(target);
  await merge(staging, target);
}

async function merge(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const found = await kindOf(target, false);
    if (!entry.isDirectory()) {
      if (found === "directory") throw notFile(target);
      await rename(source, target);
    } else if (found === "none") {
      await rename(source, target);
    } else if (found === "directory") {
      await merge(source, target);
    } else {
      throw notDirectory(target);
    }
  }
}

async function kindOf(path: string, follow: boolean): Promise<"none" | "directory" | "other"> {
  try {
    const found = await lstat(follow ? `${path}/.` : path);
    return found.isDirectory() ? "directory" : "other";
  } catch (error) {
    if (hasErrno(error, "ENOTDIR")) return "other";
    if (isMissing(error)) return "none";
    throw error;
  }
}

function notDirectory(path: string): OciError {
  return new OciError("OCI_SOURCE_INVALID", `Cannot unpack into ${path}: it is not a directory`, {
    hint: "Choose another output directory, or remove what is in the way",
  });
}

function notFile(path: string): OciError {
  return new OciError("OCI_SOURCE_INVALID", `Cannot unpack to ${path}: it is a directory`, {
    hint: "Choose another output directory, or remove what is in the way",
  });
}
