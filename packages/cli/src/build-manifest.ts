import { groups } from "./commands/groups.ts";
import { type Command, flagsOf } from "./define-command.ts";
import { globalFlags } from "./global-flags.ts";
import { commandHelp, groupHelp } from "./help/render-help.ts";
import { type About, type Manifest, type ManifestEntry, manifestFlag } from "./manifest.ts";

const globals = Object.entries(globalFlags).map(([name, flag]) => manifestFlag(name, flag));

/** Computes the manifest of the commands. */
export function buildManifest(about: About, commands: readonly Command[]): Manifest {
  return {
    about,
    entries: [...groups.map((group) => groupEntry(group, commands)), ...commands.map(commandEntry)],
  };
}

function groupEntry(group: (typeof groups)[number], commands: readonly Command[]): ManifestEntry {
  const prefix = group.path === "" ? "" : `${group.path} `;
  const children = [
    ...commands.map(({ name, summary }) => ({ path: name, summary })),
    ...groups.filter(({ path }) => path !== "" && path !== group.path),
  ]
    .filter(({ path }) => path.startsWith(prefix))
    .map(({ path, summary }) => ({ word: path.slice(prefix.length), summary }))
    .filter(({ word }) => !word.includes(" "))
    .sort((a, b) => (a.word < b.word ? -1 : 1));
  return {
    path: group.path,
    aliases: [],
    summary: group.summary,
    isGroup: true,
    help: groupHelp(group, children),
    flags: globals,
    args: [],
  };
}

function commandEntry(command: Command): ManifestEntry {
  return {
    path: command.name,
    aliases: command.aliases ?? [],
    shortName: command.shortName,
    summary: command.summary,
    isGroup: false,
    help: commandHelp(command),
    flags: Object.entries({ ...flagsOf(command), ...globalFlags }).map(([name, flag]) =>
      manifestFlag(name, flag),
    ),
    args: command.args.map(({ many, choices, complete }) => ({ many, choices, complete })),
  };
}
