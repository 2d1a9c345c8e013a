import { parseDuration, suggest } from "@tenon/core";
import yargs from "yargs";

import {
  type Arg,
  type ArgData,
  type Command,
  type Flag,
  type FlagData,
  flagsOf,
  type RawInput,
} from "./define-command.ts";
import { usageError } from "./errors.ts";
import { globalFlags, type Globals } from "./global-flags.ts";
import { usageLine } from "./help/render-help.ts";
import { normalizeArgv } from "./normalize-argv.ts";

/** A command line, read. */
export interface ParsedCommandLine {
  readonly input: RawInput;
  readonly globals: Globals;
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
}

type Flags = Readonly<Record<string, Flag>>;

/**
 * Reads the arguments and flags of a command. This is the only file that knows yargs.
 *
 * @throws CliError `CLI_USAGE`
 */
export async function parseCommandLine(
  command: Command,
  argv: readonly string[],
): Promise<ParsedCommandLine> {
  const own = flagsOf(command);
  const flags = { ...globalFlags, ...own };
  const words = normalizeArgv(command.name, flags, argv);
  const parsed = await parse(command, flags, words);
  const data: Record<string, FlagData> = {};
  for (const [name, flag] of Object.entries(flags)) {
    data[name] = flagData(command.name, name, flag, parsed[name]);
  }
  const pick = (names: Flags): Record<string, FlagData> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, data[name]]));
  return {
    input: { args: positionals(command, parsed._.map(String)), flags: pick(own) },
    globals: pick(globalFlags) as unknown as Globals,
    secrets: Object.entries(flags)
      .filter(([name, flag]) => flag.secret && typeof data[name] === "string")
      .map(([name]) => data[name] as string),
  };
}

type Parsed = { readonly _: readonly (string | number)[] } & Readonly<Record<string, unknown>>;

async function parse(command: Command, flags: Flags, words: readonly string[]): Promise<Parsed> {
  const parser = yargs([])
    .scriptName("tenon")
    .locale("en")
    .help(false)
    .version(false)
    .exitProcess(false)
    .parserConfiguration({
      "boolean-negation": true,
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    })
    .fail((message, error) => {
      throw error ?? usageError(command.name, `Cannot read the command line: ${message}`);
    });
  for (const [name, flag] of Object.entries(flags)) {
    parser.option(name, {
      ...(flag.short === undefined ? {} : { alias: flag.short }),
      ...(flag.type === "boolean"
        ? { type: "boolean" }
        : { type: flag.type === "strings" ? "array" : "string" }),
      ...(flag.type === "strings" ? { string: true } : {}),
    });
  }
  return (await parser.parseAsync(words)) as Parsed;
}

function positionals(
  command: Command,
  words: readonly string[],
): Readonly<Record<string, ArgData>> {
  const missing = command.args.filter(({ required }, index) => required && !words[index]);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name.toUpperCase()).join(" and ");
    const noun = missing.length > 1 ? "arguments" : "argument";
    throw usageError(
      command.name,
      `Missing ${noun} ${names}`,
      `The command is \`${usageLine(command)}\`.`,
    );
  }
  const extra = words[command.args.length];
  if (extra !== undefined && !command.args.at(-1)?.many) {
    const most = command.args.length === 0 ? "no arguments" : `at most ${command.args.length}`;
    throw usageError(
      command.name,
      `Unexpected argument ${JSON.stringify(extra)}: tenon ${command.name} takes ${most}`,
    );
  }
  const entries = command.args.map((arg, index) => {
    if (arg.many) return [arg.name, manyOf(arg, words.slice(index))] as const;
    const word = words[index] ?? arg.default;
    if (word !== undefined) checkChoice(command.name, arg.name.toUpperCase(), word, arg.choices);
    return [arg.name, word] as const;
  });
  return Object.fromEntries(entries);
}

function manyOf({ default: initial }: Arg, words: readonly string[]): readonly string[] {
  return words.length > 0 || initial === undefined ? words : [initial];
}

function flagData(command: string, name: string, flag: Flag, value: unknown): FlagData {
  const title = `--${name}`;
  if (flag.type === "boolean") {
    return lastOf<boolean>(value) ?? (flag.undecided ? undefined : flag.default === true);
  }
  if (flag.type === "strings") {
    const values = (value as string[] | undefined) ?? [];
    return flag.split ? values.flatMap((text) => text.split(",")).filter(Boolean) : values;
  }
  const text = lastOf<string>(value) ?? flag.default?.toString();
  if (text === undefined) {
    if (flag.required) throw usageError(command, `${title} is missing`);
    return undefined;
  }
  if (!flag.open) checkChoice(command, title, text, flag.choices);
  if (flag.type === "duration") return readDuration(command, title, text);
  if (flag.type === "integer") return readInteger(command, title, text, flag.min);
  return text;
}

/** A flag that was given several times comes as an array. */
function lastOf<T>(value: unknown): T | undefined {
  return (Array.isArray(value) ? value.at(-1) : value) as T | undefined;
}

function checkChoice(
  command: string,
  title: string,
  text: string,
  choices: readonly string[] | undefined,
): void {
  if (choices === undefined || choices.includes(text)) return;
  const near = suggest(text, choices);
  throw usageError(
    command,
    `${title} cannot be ${JSON.stringify(text)}: expected ${choices.join(", ")}`,
    near === undefined ? undefined : `Did you mean ${near}?`,
  );
}

function readDuration(command: string, title: string, text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw usageError(
      command,
      `${title} cannot be ${JSON.stringify(text)}: expected a duration`,
      "Write it like 90s, 5m or 1h30m.",
    );
  }
}

function readInteger(command: string, title: string, text: string, min = 0): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  if (value !== undefined && value >= min) return value;
  const reason =
    value === undefined
      ? `cannot be ${JSON.stringify(text)}: expected a whole number`
      : `has to be at least ${min}`;
  throw usageError(command, `${title} ${reason}`);
}
