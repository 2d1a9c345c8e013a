import type { Diagnostic } from "@tenon/core";

import type { CommandContext } from "./context.ts";
import type { ReportFormat } from "./render/report/report-format.ts";

/** What a shell offers for an argument or the value of a flag. */
export type CompletionKind = "file" | "directory" | "instance";

/** A positional argument. */
export interface Arg {
  /** Key in the input; shown in upper case. */
  readonly name: string;
  readonly summary: string;
  readonly required?: true;
  readonly default?: string;
  /** May be repeated; the last argument only. */
  readonly many?: true;
  readonly choices?: readonly string[];
  readonly complete?: CompletionKind;
}

/** A flag; the key in {@link CommandSpec.flags} is its long name. */
export interface Flag {
  readonly type: "string" | "strings" | "boolean" | "integer" | "duration";
  /** One letter. */
  readonly short?: string;
  readonly summary: string;
  /** Name of the value in help; the type unless given. */
  readonly value?: string;
  readonly default?: string | number | boolean;
  readonly required?: true;
  /** A `boolean` flag that is not given is neither true nor false. */
  readonly undecided?: true;
  readonly choices?: readonly string[];
  /** Least value of an `integer` flag; 0 unless given. */
  readonly min?: number;
  /** Values beside the choices are allowed. */
  readonly open?: true;
  /** Split the values of a `strings` flag at commas. */
  readonly split?: true;
  /** The value never stands in a message. */
  readonly secret?: true;
  readonly complete?: CompletionKind;
}

/** A command line and what it does. */
export interface Example {
  readonly about: string;
  readonly line: string;
}

/** The forms in which a command prints its data, or reports what it found. */
export type OutputFormat = "text" | "json" | "yaml" | ReportFormat;

/** What a command gives back. Printing is the caller's business. */
export interface CommandResult {
  /** Printed with `-o json` and `-o yaml`. */
  readonly data?: unknown;
  /** Printed on stdout with `-o text` and by commands without `-o`. */
  readonly text?: string;
  /** Printed on stdout as it is, whatever the format. */
  readonly raw?: string;
  /** Failures that did not end the command; with text as output they are reported on stderr. */
  readonly failures?: readonly CommandFailure[];
  /** What was checked, for reports with `-o github`, `sarif` and `junit`. */
  readonly checked?: Checked;
  /** 2 where a part of the input is bad, 3 where there is a difference or something is not ready. */
  readonly exitCode?: 0 | 1 | 2 | 3;
}

/** What a command looked at beside what failed. */
export interface Checked {
  /** Names of what is as it should be. */
  readonly passed: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** A failure of a part of what a command did. */
export interface CommandFailure {
  /** What failed, where the error does not say it. */
  readonly where?: string;
  readonly error: unknown;
}

type Maybe<Spec, Value> = Spec extends { default: string | number } | { required: true }
  ? Value
  : Value | undefined;

type FlagValue<Spec extends Flag> = Spec["type"] extends "boolean"
  ? Spec extends { undecided: true }
    ? boolean | undefined
    : boolean
  : Spec["type"] extends "strings"
    ? readonly string[]
    : Spec["type"] extends "integer" | "duration"
      ? Maybe<Spec, number>
      : Maybe<Spec, ChoiceOf<Spec>>;

type ChoiceOf<Spec extends Flag> = Spec extends { open: true }
  ? string
  : Spec extends { choices: readonly (infer Choice)[] }
    ? Choice
    : string;

/** The parsed command line of a command. Durations are milliseconds. */
export interface Input<Args extends readonly Arg[], Flags extends Readonly<Record<string, Flag>>> {
  readonly args: {
    readonly [Spec in Args[number] as Spec["name"]]: Spec extends { many: true }
      ? readonly string[]
      : Maybe<Spec, string>;
  };
  readonly flags: { readonly [Name in keyof Flags]: FlagValue<Flags[Name]> };
}

/** A command as its file declares it. */
export interface CommandSpec<
  Args extends readonly Arg[],
  Flags extends Readonly<Record<string, Flag>>,
> {
  /** Words after `tenon`: `mod push`. */
  readonly name: string;
  /** Other names for the last word. */
  readonly aliases?: readonly string[];
  /** A name without the words before the last: `copy` for `artifact copy`. */
  readonly shortName?: string;
  /** One line without a full stop. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description: string;
  readonly args: Args;
  readonly flags: Flags;
  /** Formats that `-o` offers, the default first; no `-o` without. */
  readonly output?: readonly [OutputFormat, ...OutputFormat[]];
  /** Talks to a cluster: its help lists the flags that choose one. */
  readonly cluster?: true;
  /** Runs until it is told to stop: `--timeout` does not end it. */
  readonly endless?: true;
  readonly examples: readonly Example[];
  run(input: Input<Args, Flags>, context: CommandContext): Promise<CommandResult>;
}

/** A command as the rest of the program sees it. */
export interface Command extends Omit<CommandSpec<readonly Arg[], Record<string, Flag>>, "run"> {
  run(input: RawInput, context: CommandContext): Promise<CommandResult>;
}

/** {@link Input} of some command. */
export interface RawInput {
  readonly args: Readonly<Record<string, ArgData>>;
  readonly flags: Readonly<Record<string, FlagData>>;
}

/** The value of an argument. */
export type ArgData = string | readonly string[] | undefined;

/** The value of a flag. */
export type FlagData = string | number | boolean | readonly string[] | undefined;

/** Declares a command. The types of `run`'s input follow from `args` and `flags`. */
export function defineCommand<
  const Args extends readonly Arg[],
  const Flags extends Readonly<Record<string, Flag>>,
>(spec: CommandSpec<Args, Flags>): Command {
  return spec as unknown as Command;
}

/** The other names of a command, as they stand on a command line. */
export function otherNames({ name, aliases = [], shortName }: Command): readonly string[] {
  const before = name.slice(0, name.lastIndexOf(" ") + 1);
  const names = aliases.map((alias) => `${before}${alias}`);
  return [...names, ...(shortName === undefined ? [] : [shortName])].map((one) => `tenon ${one}`);
}

/** All flags of a command: its own, and `-o` where it prints data. */
export function flagsOf(command: Command): Readonly<Record<string, Flag>> {
  if (command.output === undefined) return command.flags;
  const output: Flag = {
    type: "string",
    short: "o",
    value: "format",
    summary: "Output format",
    choices: command.output,
    default: command.output[0],
  };
  return { ...command.flags, output };
}
