import { OciError } from "../errors.ts";
import { matchName } from "./match-name.ts";

/** Tells whether a path is ignored. */
export type IgnoreMatcher = (path: string, isDirectory: boolean) => boolean;

/** One line of an ignore file. */
interface Pattern {
  readonly includes: boolean;
  readonly directoryOnly: boolean;
  /** A slash other than the last character binds a pattern to the root. */
  readonly anchored: boolean;
  readonly parts: readonly string[];
}

const maxLineBytes = 64 * 1024;

/**
 * Reads the lines of a `timoni.ignore`. Patterns are those of gitignore, with `!` that takes back
 * in, and the last one that matches a path decides. Each path is judged by itself: a file can be
 * taken back in although its folder is ignored.
 *
 * @throws OciError `OCI_IGNORE_INVALID` for a line of more than 64 KiB
 */
export function parseIgnore(text: string, extraLines: readonly string[] = []): IgnoreMatcher {
  const patterns = [...text.split("\n"), ...extraLines].flatMap((line) => parseLine(line));
  return (path, isDirectory) => {
    const parts = path.split("/");
    const last = patterns.findLast((pattern) => matches(pattern, parts, isDirectory));
    return last !== undefined && !last.includes;
  };
}

function parseLine(raw: string): Pattern[] {
  const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
  if (Buffer.byteLength(line) > maxLineBytes) {
    throw new OciError(
      "OCI_IGNORE_INVALID",
      "Cannot read ignore file: a line has more than 64 KiB",
    );
  }
  if (line.startsWith("#") || line.trim() === "") return [];
  const includes = line.startsWith("!");
  let pattern = includes ? line.slice(1) : line;
  if (!pattern.endsWith("\\ ")) pattern = pattern.replace(/ +$/, "");
  const directoryOnly = pattern.endsWith("/");
  if (directoryOnly) pattern = pattern.slice(0, -1);
  return [{ includes, directoryOnly, anchored: pattern.includes("/"), parts: pattern.split("/") }];
}

function matches(pattern: Pattern, path: readonly string[], isDirectory: boolean): boolean {
  if (pattern.anchored) return matchesAnchored(pattern, path, isDirectory);
  return path.some(
    (name, index) =>
      matchName(pattern.parts[0]!, name) &&
      (!pattern.directoryOnly || isDirectory || index < path.length - 1),
  );
}

/** The pattern must match the path or a folder that it lies in. */
function matchesAnchored(pattern: Pattern, path: readonly string[], isDirectory: boolean): boolean {
  const parts = pattern.parts.filter((part) => part !== "");
  if (parts.length === 0) return false;
  const from = (part: number, at: number): boolean => {
    if (part === parts.length) return !pattern.directoryOnly || isDirectory || at < path.length;
    if (at === path.length) return false;
    if (parts[part] === "**") {
      // At the end it stands for everything inside, elsewhere for any number of folders.
      if (part === parts.length - 1) return at > 0 || part === 0;
      return path.slice(at).some((_, skipped) => from(part + 1, at + skipped));
    }
    if (parts[part]!.includes("**")) return false;
    return matchName(parts[part]!, path[at]!) && from(part + 1, at + 1);
  };
  return from(0, 0);
}
