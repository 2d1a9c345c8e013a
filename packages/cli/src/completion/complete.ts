import type { CompletionKind } from "../define-command.ts";
import type { Manifest, ManifestArg, ManifestEntry, ManifestFlag } from "../manifest.ts";
import { childrenOf, lastWord, resolveCommand } from "../resolve-command.ts";

/** What a shell can offer for the last of some words. */
export interface Completion {
  readonly candidates: readonly (readonly [word: string, about: string])[];
  readonly files: "files" | "directories" | "none";
  /** The names of instances belong to the candidates too. */
  readonly instances: boolean;
}

/** Finds what may stand in place of the last word. */
export function complete(words: readonly string[], manifest: Manifest): Completion {
  // bash breaks `--output=json` into three words.
  const before = words.slice(0, -1).filter((word) => word !== "=");
  const last = words.at(-1) ?? "";
  const current = last === "=" ? "" : last;
  const resolution = resolveCommand(before, manifest);
  if ("unknown" in resolution) return nothing;
  const { entry, rest } = resolution;
  const pending = flagOf(entry, rest.at(-1) ?? "");
  if (pending?.takesValue) return ofKind(pending, current, "");
  if (current.startsWith("--") && current.includes("=")) {
    const [title, value] = splitFlag(current);
    const flag = flagOf(entry, title);
    return flag === undefined ? nothing : ofKind(flag, value, `${title}=`);
  }
  if (current.startsWith("-")) return flagNames(entry, current);
  if (entry.isGroup) return commandNames(entry, current, manifest);
  const arg = argAt(entry, positionals(entry, rest));
  return arg === undefined ? nothing : ofKind(arg, current, "");
}

const nothing: Completion = { candidates: [], files: "none", instances: false };

function flagNames(entry: ManifestEntry, current: string): Completion {
  const candidates = entry.flags
    .map(({ name, summary }) => [`--${name}`, summary] as const)
    .filter(([word]) => word.startsWith(current));
  return { ...nothing, candidates };
}

function commandNames(group: ManifestEntry, current: string, manifest: Manifest): Completion {
  const candidates = childrenOf(group, manifest)
    .map((entry) => [lastWord(entry), entry.summary] as const)
    .filter(([word]) => word.startsWith(current));
  return { ...nothing, candidates };
}

function ofKind(
  spec: {
    readonly choices?: readonly string[] | undefined;
    readonly complete?: CompletionKind | undefined;
  },
  current: string,
  prefix: string,
): Completion {
  const candidates = (spec.choices ?? [])
    .filter((choice) => choice.startsWith(current))
    .map((choice) => [`${prefix}${choice}`, ""] as const);
  const files = { file: "files", directory: "directories", instance: "none" } as const;
  return {
    candidates,
    files: spec.complete === undefined ? "none" : files[spec.complete],
    instances: spec.complete === "instance",
  };
}

function argAt({ args }: ManifestEntry, index: number): ManifestArg | undefined {
  const last = args.at(-1);
  return args[index] ?? (last?.many ? last : undefined);
}

/** How many positional arguments the words hold. */
function positionals(entry: ManifestEntry, words: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith("-") || word === "-") count++;
    else if (!word.includes("=") && flagOf(entry, word)?.takesValue) at++;
  }
  return count;
}

function flagOf(entry: ManifestEntry, word: string): ManifestFlag | undefined {
  return entry.flags.find(
    ({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  );
}

function splitFlag(word: string): [string, string] {
  const at = word.indexOf("=");
  return [word.slice(0, at), word.slice(at + 1)];
}
