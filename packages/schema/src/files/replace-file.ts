import { randomBytes } from "node:crypto";
import { chmod, chown, open, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

import { SchemaError } from "../errors.ts";

/**
 * Replaces the text of a file, or makes the file. Others see all of it or nothing, also after a
 * crash; mode and owner stay, and so does a link to the file.
 *
 * @throws SchemaError `SCHEMA_FILE_INACCESSIBLE`
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const unique = randomBytes(6).toString("hex");
  const target = await realpath(file).catch(() => file);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${unique}.tmp`);
  try {
    await writeDurably(temporary, text);
    await copyAttributes(target, temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw inaccessible("write", file, error);
  }
}

/** The error for a file that the system does not let be read or written. */
export function inaccessible(verb: "read" | "write", file: string, error: unknown): SchemaError {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "no such file or folder",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOSPC: "no space left",
    EISDIR: "it is a folder",
  };
  return new SchemaError(
    "SCHEMA_FILE_INACCESSIBLE",
    `Cannot ${verb} ${file}: ${reasons[code ?? ""] ?? code ?? String(error)}`,
    { hint: "Check the path and its permissions", cause: error },
  );
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function copyAttributes(from: string, to: string): Promise<void> {
  const [old, young] = await Promise.all([stat(from).catch(() => undefined), stat(to)]);
  if (old === undefined) return;
  if (old.uid !== young.uid || old.gid !== young.gid) await chown(to, old.uid, old.gid);
  await chmod(to, old.mode & 0o7777);
}
