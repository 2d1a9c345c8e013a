import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { exitCodes } from "../../exit-code.ts";
import { configFieldsText } from "../../render/config-fields.ts";
import { credsFlag, moduleArg, moduleFlags, moduleRequest, packageFlag } from "../flags.ts";

const formats = ["text", "json", "yaml"] as const;

export const showConfig: Command = defineCommand({
  name: "mod show config",
  summary: "Print or document the values of a module",
  description:
    "Lists the values that a module takes, with types, defaults and the comments of its schema.\nWith -o FILE.md they are written as a table into a Markdown file: between the lines\n<!-- tenon:config --> and <!-- /tenon:config -->, else in place of the table under\n`## Configuration`, which is added where it is missing.\nComments that end in the line `+nodoc` keep a value from being listed.",
  args: [{ ...moduleArg, default: "." }],
  flags: {
    output: {
      type: "string",
      short: "o",
      value: "format|file",
      default: "text",
      choices: formats,
      open: true,
      complete: "file",
      summary: "Markdown file to write a table into, or output format",
    },
    check: {
      type: "boolean",
      summary: "Do not write the file; exit with 3 when its table is not up to date",
    },
    ...moduleFlags,
    creds: credsFlag,
    package: packageFlag,
  },
  examples: [
    { about: "List the values of the module here", line: "tenon mod show config" },
    { about: "Bring the README up to date", line: "tenon mod show config -o README.md" },
    {
      about: "Fail in CI when the README is not up to date",
      line: "tenon mod show config -o README.md --check",
    },
    {
      about: "Read the values of a published module in a program",
      line: "tenon mod show config oci://ghcr.io/org/modules/app -v 1.0.0 -o json",
    },
  ],
  async run({ args, flags }, context) {
    const file = fileOf(flags.output, flags.check);
    const [{ openModule }, { moduleConfig, writeConfigTable }] = await Promise.all([
      import("@tenon/deploy/source"),
      import("@tenon/schema"),
    ]);
    const deploy = await context.deploy();
    const module = await openModule(deploy, moduleRequest(args.module, flags));
    const request = { module, moduleVersion: module.version, package: flags.package };
    const fields = await moduleConfig(deploy.engine, request, { signal: context.signal });
    if (file === undefined) {
      return { data: { fields }, text: configFieldsText(fields, context.io.stdout) };
    }
    const differs = await writeConfigTable({ file, fields, check: flags.check });
    const state = differs ? (flags.check ? "is not up to date" : "written") : "is up to date";
    context.talk.say(`${file} ${state}`);
    return { exitCode: differs && flags.check ? exitCodes.different : exitCodes.ok };
  },
});

/** The file that `-o` names, told from a misspelt format. */
function fileOf(output: string, check: boolean): string | undefined {
  if ((formats as readonly string[]).includes(output)) {
    if (!check) return undefined;
    throw usageError("mod show config", "--check needs a file: -o README.md");
  }
  if (/[./\\]/.test(output)) return output;
  throw usageError(
    "mod show config",
    `--output cannot be ${JSON.stringify(output)}: expected ${formats.join(", ")}, or a file such as README.md`,
  );
}
