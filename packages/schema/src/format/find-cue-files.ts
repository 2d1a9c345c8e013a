import { realpath, stat } from "node:fs/promises";
import path from "node:path";

import { SchemaError } from "../errors.ts";
import { filesBelow } from "../files/files-below.ts";
import { inaccessible } from "../files/replace-file.ts";

/** A CUE file on disk. */
export interface CueFilePath {
  /** As the user knows it: from the working folder where it is inside. */
  readonly name: string;
  /** The path without links. */
  readonly file: string;
}

/**
 * The CUE files of paths, each once. A folder stands for all below it but `cue.mod`, links, and what
 * begins with a dot or underscore; `FOLDER/...` is the same as `FOLDER`. A file that is named itself
 * is taken wherever it is.
 *
 * @throws SchemaError `SCHEMA_PATH_INVALID`, `SCHEMA_FILE_INACCESSIBLE`
 */
export async function findCueFiles(paths: readonly string[]): Promise<CueFilePath[]> {
  const found = new Map<string, CueFilePath>();
  for (const given of paths) {
    for (const entry of await filesAt(given)) {
      if (!found.has(entry.file)) found.set(entry.file, entry);
    }
  }
  return [...found.values()];
}

async function filesAt(given: string): Promise<CueFilePath[]> {
  const { target, isFolder } = withoutDots(given);
  const info = await stat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") {
      throw invalidPath(given, "no such file or folder");
    }
    throw inaccessible("read", given, error);
  });
  const name = fromHere(target);
  const real = await realpath(target);
  if (info.isDirectory()) return cueFilesBelow(name, real);
  if (isFolder) throw invalidPath(given, "it is not a folder");
  if (info.isFile() && target.endsWith(".cue")) return [{ name, file: real }];
  throw invalidPath(given, "it is not a CUE file");
}

async function cueFilesBelow(name: string, folder: string): Promise<CueFilePath[]> {
  const found = await filesBelow(folder, {
    name,
    skips: (entry) => entry === "cue.mod" || /^[._]/.test(entry),
    takes: (entry) => entry.isFile() && entry.name.endsWith(".cue"),
  });
  return found.map((file) => ({ name: path.join(name, file), file: path.join(folder, file) }));
}

/** Reads `FOLDER/...` as Go tools do. */
function withoutDots(given: string): { readonly target: string; readonly isFolder: boolean } {
  if (!given.includes("...")) return { target: given, isFolder: false };
  const before = given.slice(0, -3);
  if (!given.endsWith("...") || before.includes("...")) {
    throw invalidPath(given, '"..." can stand only at the end, for all below a folder');
  }
  if (before !== "" && !before.endsWith("/") && !before.endsWith(path.sep)) {
    throw invalidPath(given, '"..." has to follow a folder and a slash');
  }
  // Without its last slash a file is told from what is missing.
  return { target: path.join(before, "."), isFolder: true };
}

function invalidPath(given: string, reason: string): SchemaError {
  return new SchemaError("SCHEMA_PATH_INVALID", `Cannot format ${given}: ${reason}`, {
    hint: "Give CUE files, folders, or - for standard input",
  });
}

function fromHere(target: string): string {
  const relative = path.relative("", target);
  return relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)
    ? path.normalize(target)
    : relative;
}
