import { Buffer } from "node:buffer";

import { OciError, foreignText } from "../errors.ts";

/** A file or folder to pack. */
export interface TarEntry {
  /** Relative, with forward slashes; `.` is the root. */
  readonly path: string;
  readonly type: "file" | "directory";
  /** Any execute bit makes a file 0755, none 0644; folders are 0755. */
  readonly mode?: number | undefined;
  /** Bytes of a file, or a way to read `size` of them. */
  readonly content?: Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined;
  /** Needed when `content` is a function. */
  readonly size?: number | undefined;
}

/** The size of an entry's content. */
export function entrySize(entry: TarEntry): number {
  if (entry.type === "directory") return 0;
  if (entry.content instanceof Uint8Array) return entry.content.byteLength;
  return entry.size ?? 0;
}

/** Orders paths as a walk does: by parts, each by its bytes, a folder before what is in it. */
export function comparePaths(a: string, b: string): number {
  const left = a === "." ? [] : a.split("/");
  const right = b === "." ? [] : b.split("/");
  for (let index = 0; index < left.length && index < right.length; index++) {
    const order = compareBytes(left[index]!, right[index]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Orders texts by their bytes in UTF-8. */
export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Sorts entries and adds the root and the folders that they lie in.
 *
 * @throws OciError `OCI_ARCHIVE_UNSAFE` for a path that may not stand in an archive
 */
export function completeEntries(entries: Iterable<TarEntry>): TarEntry[] {
  const byPath = new Map<string, TarEntry>([[".", { path: ".", type: "directory" }]]);
  for (const entry of entries) {
    const path = checkPath(entry.path);
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = parts.slice(0, depth).join("/");
      if (!byPath.has(parent)) byPath.set(parent, { path: parent, type: "directory" });
    }
    byPath.set(path, { ...entry, path });
  }
  return [...byPath.values()].sort((a, b) => comparePaths(a.path, b.path));
}

/**
 * Checks a path of an archive and writes it in its shortest form.
 *
 * @throws OciError `OCI_ARCHIVE_UNSAFE`
 */
export function checkPath(path: string): string {
  const why = pathFault(path);
  if (why !== undefined) throw unsafe(path, why);
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 ? "." : parts.join("/");
}

function pathFault(path: string): string | undefined {
  if (path === "") return "its name is empty";
  if (path.startsWith("/")) return "its path is absolute";
  if (path.includes("\\")) return "its name has a backslash";
  if (path.includes("\0")) return "its name has a zero byte";
  if (path.split("/").includes("..")) return "its path leads out of the archive";
  return undefined;
}

/**
 * Tells whether a path leads into a repository of git, however a file system may write its name. What is
 * there is never packed nor unpacked: its configuration and hooks name programs that git runs.
 */
export function isInGit(path: string): boolean {
  return path.split("/").some((part) => gitName.test(part.replaceAll(ignoredByHfs, "")));
}

/** With its short name on Windows, which does not look at dots and spaces at the end. */
const gitName = /^(?:\.git|git~1)[. ]*$/i;

const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** The error for an entry that no honest archive has. */
export function unsafe(name: string, why: string): OciError {
  const shown = JSON.stringify(foreignText(name, 200));
  return new OciError("OCI_ARCHIVE_UNSAFE", `Cannot use archive entry ${shown}: ${why}`, {
    hint: "Do not use it: no honest tool packs such an archive. Tell its publisher",
  });
}
