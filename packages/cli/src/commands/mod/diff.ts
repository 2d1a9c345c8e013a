import { type Command, defineCommand } from "../../define-command.ts";
import { exitCodes } from "../../exit-code.ts";
import { clusterFlags } from "../../global-flags.ts";
import { namespaceOf } from "../../namespace.ts";
import { moduleDifferenceData, moduleDifferenceText } from "../../render/module-difference.ts";
import { corpusFlag, credsFlag, packageFlag } from "../flags.ts";

export const diff: Command = defineCommand({
  name: "mod diff",
  summary: "Tell what a new version of a module changes for its users",
  description:
    "Compares two versions of a module: the schemas of their values, and what they render with default\nvalues and with each values file. Every difference is breaking, a feature or a fix; together they\nsuggest the next version. What cannot change on a cluster, such as a selector, is breaking, as the\nobject has to be recreated. Exits with 3 when there is a difference.",
  args: [
    {
      name: "before",
      summary: "The version before: a folder, or oci://registry/repository:version",
      required: true,
      complete: "directory",
    },
    {
      name: "after",
      summary: "The version after",
      default: ".",
      complete: "directory",
    },
  ],
  flags: {
    namespace: clusterFlags.namespace,
    values: corpusFlag,
    name: { type: "string", default: "app", summary: "Name of the instances that are rendered" },
    creds: credsFlag,
    package: packageFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "See what the next release of the module here would change",
      line: "tenon mod diff oci://ghcr.io/org/modules/app",
    },
    {
      about: "Compare two releases with the values of all instances",
      line: "tenon mod diff oci://ghcr.io/org/modules/app:1.0.0 oci://ghcr.io/org/modules/app:1.1.0 \\\n  --values corpus",
    },
    {
      about: "List what breaks",
      line: "tenon mod diff ../released -o json | jq '.schema[] | select(.impact == \"breaking\")'",
    },
  ],
  async run({ args, flags }, context) {
    const { compareModules, openModule, readCorpus } = await import("@tenon/deploy");
    const deploy = await context.deploy();
    const samples = await readCorpus(flags.values);
    const open = (location: string): ReturnType<typeof openModule> =>
      openModule(deploy, { location, creds: flags.creds });
    const difference = await compareModules(deploy, {
      before: await open(args.before),
      after: await open(args.after),
      samples,
      name: flags.name,
      namespace: await namespaceOf(context),
      package: flags.package,
    });
    return {
      data: moduleDifferenceData(difference),
      text: moduleDifferenceText(difference, context.paint),
      exitCode: difference.bump === "none" ? exitCodes.ok : exitCodes.different,
    };
  },
});
