import type { Group } from "../commands/groups.ts";
import { type Command, type Flag, flagsOf, otherNames } from "../define-command.ts";
import { clusterFlags, commonFlags } from "../global-flags.ts";
import { argText, flagText, flagTitle, usageLine } from "./render-help.ts";

/** The reference of all commands as Markdown. */
export function commandReference(groups: readonly Group[], commands: readonly Command[]): string {
  const sorted = [...commands].sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts = [
    "# Commands",
    "This file is generated from the commands themselves by `npm run generate`.",
    groups.find(({ path }) => path === "")?.description ?? "",
    sorted
      .map(({ name, summary }) => `- [\`tenon ${name}\`](#${anchorOf(name)}): ${summary}`)
      .join("\n"),
    "## Flags of every command",
    flagTable(commonFlags),
    "## Flags that choose a cluster",
    "Every command takes them; those that talk to no cluster use the namespace alone.",
    flagTable(clusterFlags),
    "## Exit codes",
    exitCodeTable,
    ...sorted.flatMap(commandParts),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

const exitCodeTable = table(
  ["Code", "Meaning"],
  [
    ["0", "Done"],
    ["1", "Failed"],
    ["2", "Bad input: command line, references, values, module, kubeconfig"],
    ["3", "There is a difference (`apply --exit-code`), or something is not ready (`status`)"],
    ["130", "Interrupted"],
  ],
);

function commandParts(command: Command): string[] {
  const { name, description, args, examples } = command;
  const flags = flagsOf(command);
  const also = otherNames(command)
    .map((other) => `\`${other}\``)
    .join(", ");
  return [
    `## tenon ${name}`,
    description,
    `\`\`\`console\n${usageLine(command)}\n\`\`\``,
    also === "" ? "" : `Also: ${also}`,
    args.length === 0
      ? ""
      : table(
          ["Argument", "Meaning"],
          args.map((arg) => [`\`${arg.name.toUpperCase()}\``, argText(arg)]),
        ),
    Object.keys(flags).length === 0 ? "" : flagTable(flags),
    `\`\`\`console\n${examples.map(({ about, line }) => `# ${about}\n${line}`).join("\n\n")}\n\`\`\``,
  ];
}

function flagTable(flags: Readonly<Record<string, Flag>>): string {
  const rows = Object.entries(flags).map(([name, flag]) => [
    `\`${flagTitle(name, flag).trim()}\``,
    flagText(flag),
  ]);
  return table(["Flag", "Meaning"], rows);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

function anchorOf(name: string): string {
  return `tenon-${name.replaceAll(" ", "-")}`;
}
