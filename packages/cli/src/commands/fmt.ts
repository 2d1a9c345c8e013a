import type { FormattedFile } from "@tenon/schema";

import { type Command, defineCommand } from "../define-command.ts";
import { usageError } from "../errors.ts";
import { exitCodes } from "../exit-code.ts";
import { differs, formatData, formatText } from "../render/formatted-files.ts";

export const fmt: Command = defineCommand({
  name: "fmt",
  summary: "Format CUE files",
  description:
    "Writes CUE files in the standard format of CUE, in the language version of their module.\nFolders stand for all CUE files below, without cue.mod and what begins with a dot or underscore.\nExits with 3 when --check or --diff finds a difference.",
  args: [
    {
      name: "path",
      summary: "Files, folders, or - for standard input",
      default: ".",
      many: true,
      complete: "file",
    },
  ],
  flags: {
    check: { type: "boolean", summary: "Only list the files that differ" },
    diff: { type: "boolean", short: "d", summary: "Only print the differences" },
  },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Format the module here", line: "tenon fmt" },
    { about: "Fail in CI when a file is not formatted", line: "tenon fmt --check modules/app" },
    { about: "See what would change", line: "tenon fmt --diff templates/config.cue" },
    { about: "Format in an editor", line: "tenon fmt - < timoni.cue" },
  ],
  async run({ args, flags }, context) {
    if (args.path.filter((given) => given === "-").length > 1) {
      throw usageError("fmt", "Standard input was given twice");
    }
    const { formatFiles } = await import("@tenon/schema");
    const { engine } = await context.deploy();
    const only = flags.diff ? "diff" : flags.check ? "list" : undefined;
    const files = await formatFiles(
      engine,
      { paths: args.path, stdin: context.io.stdin, write: only === undefined },
      { signal: context.signal },
    );
    const failures = files.flatMap(({ error }) => (error === undefined ? [] : [{ error }]));
    const text = formatText(files, only, context);
    return { data: formatData(files), text, failures, exitCode: exitCodeFor(files, only) };
  },
});

function exitCodeFor(
  files: readonly FormattedFile[],
  only: "diff" | "list" | undefined,
): 0 | 2 | 3 {
  if (files.some(({ error }) => error !== undefined)) return exitCodes.badInput;
  return files.some(differs) && only !== undefined ? exitCodes.different : exitCodes.ok;
}
