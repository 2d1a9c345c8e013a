import type { ValuesCoverage } from "@tenon/schema";

import { type Command, defineCommand } from "../../define-command.ts";
import { exitCodes } from "../../exit-code.ts";
import { errorData } from "../../render/bundle-failures.ts";
import { reportFormats } from "../../render/report/report-format.ts";
import { folderArg } from "../flags.ts";

export const test: Command = defineCommand({
  name: "mod test",
  summary: "Run the tests of a module",
  description:
    "Renders a module with the values of each case in its folder `tests` and compares what comes out with\nwhat the case expects: objects and fields of them, an error, or a snapshot. No cluster is needed, unless\n--server is given. Exits with 1 when a case fails.",
  args: [folderArg],
  flags: {
    run: { type: "string", value: "text", summary: "Only cases that have this in their names" },
    update: { type: "boolean", short: "u", summary: "Write the snapshots anew" },
    coverage: { type: "boolean", summary: "Tell which fields of the values no case sets" },
    server: {
      type: "boolean",
      summary: "Send what is rendered to the current cluster too, as a dry run",
    },
  },
  output: ["text", "json", "yaml", ...reportFormats],
  cluster: true,
  examples: [
    { about: "Test the module here", line: "tenon mod test" },
    { about: "Run some of its cases", line: "tenon mod test ./app --run ingress" },
    { about: "See what is not tested", line: "tenon mod test --coverage" },
    { about: "Report to a CI server", line: "tenon mod test -o junit > tests.xml" },
    { about: "Take what is rendered now for right", line: "tenon mod test --update" },
  ],
  async run({ args, flags }, context) {
    const { openModule, testModule } = await import("@tenon/deploy");
    const deploy = await context.deploy();
    const { cases: results, coverage } = await testModule(deploy, {
      module: await openModule(deploy, { location: args.path }),
      folder: args.path,
      only: flags.run,
      update: flags.update,
      coverage: flags.coverage,
      server: flags.server ? context.cluster() : undefined,
    });
    const { paint } = context;
    const failed = results.filter(({ error }) => error !== undefined);
    const lines = results.map(({ file, name, error, ms }) => {
      const mark = error === undefined ? paint.green("✓") : paint.red("✗");
      return `${mark} ${file} ${name} ${paint.dim(`(${Math.round(ms)} ms)`)}`;
    });
    return {
      data: {
        passed: results.length - failed.length,
        failed: failed.length,
        cases: results.map(({ file, name, error, ms }) => ({
          file,
          name,
          result: error === undefined ? "passed" : "failed",
          error: errorData(error),
          milliseconds: Math.round(ms),
        })),
        coverage,
      },
      text: [
        ...lines,
        `${results.length - failed.length} passed, ${failed.length} failed`,
        ...coverageLines(coverage),
      ].join("\n"),
      failures: failed.map(({ file, name, error }) => ({ where: `${file} ${name}`, error })),
      checked: {
        passed: results
          .filter(({ error }) => error === undefined)
          .map(({ file, name }) => `${file} ${name}`),
        warnings: [],
      },
      exitCode: failed.length > 0 ? exitCodes.failed : exitCodes.ok,
    };
  },
});

function coverageLines(coverage: ValuesCoverage | undefined): string[] {
  if (coverage === undefined) return [];
  const { fields, untouched } = coverage;
  const head = `${fields - untouched.length} of ${fields} fields of the values are set by a case`;
  return untouched.length === 0
    ? [head]
    : [`${head}; none sets`, ...untouched.map((path) => `  ${path}`)];
}
