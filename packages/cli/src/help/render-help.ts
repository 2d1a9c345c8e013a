import type { Group } from "../commands/groups.ts";
import { type Arg, type Command, type Flag, flagsOf, otherNames } from "../define-command.ts";
import { clusterFlags, commonFlags, globalFlags } from "../global-flags.ts";

/** The text of `tenon <command> --help`. */
export function commandHelp(command: Command): string {
  const flags = Object.entries(flagsOf(command));
  return sections([
    command.description,
    section("Usage", [usageLine(command)]),
    section("Aliases", otherNames(command)),
    section(
      "Arguments",
      columns(command.args.map((arg) => [arg.name.toUpperCase(), argText(arg)])),
    ),
    section("Flags", flagLines(flags)),
    command.cluster ? section("Cluster", flagLines(Object.entries(clusterFlags))) : "",
    section("Every command", flagLines(Object.entries(commonFlags))),
    section("Examples", exampleLines(command)),
  ]);
}

/** The text of `tenon --help` and of `tenon <group> --help`. */
export function groupHelp(
  group: Group,
  children: readonly { word: string; summary: string }[],
): string {
  const name = ["tenon", group.path].filter(Boolean).join(" ");
  return sections([
    group.description,
    section("Usage", [`${name} <command>`]),
    section("Commands", columns(children.map(({ word, summary }) => [word, summary]))),
    group.path === "" ? section("Every command", flagLines(Object.entries(globalFlags))) : "",
    `Run \`${name} <command> --help\` for the flags and examples of a command.`,
  ]);
}

/** `tenon mod push MODULE_PATH MODULE_URL [flags]`. */
export function usageLine(command: Command): string {
  const args = command.args.map(({ name, required, many }) => {
    const word = `${name.toUpperCase()}${many ? "…" : ""}`;
    return required ? word : `[${word}]`;
  });
  return ["tenon", command.name, ...args, "[flags]"].join(" ");
}

/** What help says about an argument. */
export function argText(arg: Arg): string {
  const choices = arg.choices === undefined ? "" : ` (${arg.choices.join(", ")})`;
  const initial = arg.default === undefined ? "" : ` (default ${arg.default})`;
  return `${arg.summary}${choices}${initial}`;
}

/** `-o, --output format`. */
export function flagTitle(name: string, flag: Flag): string {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  return `${short}--${name}${flag.type === "boolean" ? "" : ` ${valueName(flag)}`}`;
}

/** What help says about a flag. */
export function flagText(flag: Flag): string {
  const choices = flag.choices === undefined ? "" : `: ${flag.choices.join(", ")}`;
  const initial =
    flag.default === undefined || flag.default === false ? "" : ` (default ${flag.default})`;
  return `${flag.summary}${choices}${flag.required ? " (required)" : initial}`;
}

function valueName(flag: Flag): string {
  if (flag.value !== undefined) return flag.value;
  return flag.type === "strings" ? "string" : flag.type;
}

function flagLines(flags: readonly (readonly [string, Flag])[]): string[] {
  return columns(flags.map(([name, flag]) => [flagTitle(name, flag), flagText(flag)]));
}

function exampleLines(command: Command): string[] {
  return command.examples.flatMap(({ about, line }, index) => [
    ...(index === 0 ? [] : [""]),
    `# ${about}`,
    ...line.split("\n"),
  ]);
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`.trimEnd());
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `${title}:\n${lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n")}`;
}

function sections(parts: readonly string[]): string {
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}
