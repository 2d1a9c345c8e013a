import { suggest } from "@tenon/core";

import type { Flag } from "./define-command.ts";
import { usageError } from "./errors.ts";

/**
 * Checks the flags of a command line and writes each in one way: `-v1.0` becomes `--version=1.0`.
 * What the parser would guess at (a letter's attached value, a boolean that is neither true nor
 * false, a value that begins with a dash) is decided here.
 *
 * @throws CliError `CLI_USAGE`
 */
export function normalizeArgv(
  command: string,
  flags: Readonly<Record<string, Flag>>,
  argv: readonly string[],
): string[] {
  const words: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") return [...words, "--", ...rest];
    if (word === "-" || !word.startsWith("-")) {
      words.push(word);
      continue;
    }
    words.push(...readFlag(command, flags, word, rest));
  }
  return words;
}

function readFlag(
  command: string,
  flags: Readonly<Record<string, Flag>>,
  word: string,
  rest: string[],
): string[] {
  const { name, value } = word.startsWith("--")
    ? longFlag(command, flags, word)
    : shortFlag(command, flags, word, rest);
  const flag = flags[name]!;
  if (flag.type === "boolean") return [booleanFlag(command, name, value)];
  const given = value ?? rest.shift();
  if (given === undefined) throw usageError(command, `--${name} needs a value`);
  return [`--${name}=${given}`];
}

interface NamedFlag {
  readonly name: string;
  readonly value: string | undefined;
}

function longFlag(command: string, flags: Readonly<Record<string, Flag>>, word: string): NamedFlag {
  const equals = word.indexOf("=");
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  if (Object.hasOwn(flags, name)) return { name, value };
  const positive = name.startsWith("no-") ? name.slice(3) : "";
  if (Object.hasOwn(flags, positive) && flags[positive]!.type === "boolean" && equals < 0) {
    return { name: positive, value: "false" };
  }
  throw unknownFlag(command, `--${name}`, suggest(name, Object.keys(flags)));
}

/** Letters of boolean flags may be written together; the first that takes a value takes the rest. */
function shortFlag(
  command: string,
  flags: Readonly<Record<string, Flag>>,
  word: string,
  rest: string[],
): NamedFlag {
  const long = word.slice(1);
  if (long.length > 1 && Object.hasOwn(flags, long)) throw unknownFlag(command, word, long);
  const found = Object.entries(flags).find(([, { short }]) => short === word[1]);
  if (found === undefined) throw unknownFlag(command, word, undefined);
  const [name, flag] = found;
  const tail = word.slice(2);
  if (tail === "") return { name, value: undefined };
  if (tail.startsWith("=")) return { name, value: tail.slice(1) };
  if (flag.type !== "boolean") return { name, value: tail };
  rest.unshift(`-${tail}`);
  return { name, value: undefined };
}

function booleanFlag(command: string, name: string, value: string | undefined): string {
  if (value === undefined || /^(true|t|1)$/i.test(value)) return `--${name}`;
  if (/^(false|f|0)$/i.test(value)) return `--${name}=false`;
  throw usageError(command, `--${name} cannot be ${JSON.stringify(value)}: expected true or false`);
}

function unknownFlag(command: string, flag: string, near: string | undefined): Error {
  return usageError(
    command,
    `Unknown flag ${flag}`,
    near === undefined ? undefined : `Did you mean --${near}?`,
  );
}
