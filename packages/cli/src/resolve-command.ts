import type { Manifest, ManifestEntry } from "./manifest.ts";

/** What a command line asks for. */
export type Resolution =
  | {
      readonly entry: ManifestEntry;
      /** The command line without the words that name the command. */
      readonly rest: readonly string[];
      readonly wantsHelp: boolean;
    }
  | { readonly unknown: string; readonly group: ManifestEntry };

/** Finds the command that a command line names. Flags may stand before and between its words. */
export function resolveCommand(argv: readonly string[], manifest: Manifest): Resolution {
  let entry = manifest.entries[0]!;
  const valueFlags = flagsWithValue(entry);
  const isHelp = argv[0] === "help";
  const rest = isHelp ? argv.slice(1) : [...argv];
  const wantsHelp = isHelp || asksForHelp(rest);
  for (let at = 0; entry.isGroup && at < rest.length;) {
    const word = rest[at]!;
    if (word === "--") break;
    if (word.startsWith("-")) {
      at += valueFlags.has(word) ? 2 : 1;
      continue;
    }
    const next = childOf(entry, word, manifest);
    if (next === undefined) return { unknown: word, group: entry };
    entry = next;
    rest.splice(at, 1);
  }
  return { entry, rest, wantsHelp };
}

/** The commands of a group that stand directly below it. */
export function childrenOf(group: ManifestEntry, manifest: Manifest): ManifestEntry[] {
  const prefix = group.path === "" ? "" : `${group.path} `;
  return manifest.entries.filter(
    ({ path }) =>
      path !== "" && path.startsWith(prefix) && !path.slice(prefix.length).includes(" "),
  );
}

/** The last word of a command's path. */
export function lastWord(entry: ManifestEntry): string {
  return entry.path.slice(entry.path.lastIndexOf(" ") + 1);
}

function childOf(
  group: ManifestEntry,
  word: string,
  manifest: Manifest,
): ManifestEntry | undefined {
  const child = childrenOf(group, manifest).find(
    (entry) => lastWord(entry) === word || entry.aliases.includes(word),
  );
  if (child !== undefined || group.path !== "") return child;
  return manifest.entries.find(({ shortName }) => shortName === word);
}

function flagsWithValue(entry: ManifestEntry): Set<string> {
  const names = entry.flags
    .filter(({ takesValue }) => takesValue)
    .flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
  return new Set(names);
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.some((word) => word === "--help" || word === "-h");
}
