import { type Command, defineCommand } from "../define-command.ts";
import { usageError } from "../errors.ts";
import { checkResult, printRoleFlag, rolesResult } from "../render/check-result.ts";
import {
  rewriteImagesFlag,
  moduleArg,
  moduleRequest,
  renderFlags,
  valuesRequest,
} from "./flags.ts";

export const check: Command = defineCommand({
  name: "check",
  summary: "Tell whether an apply would work, and change nothing",
  description:
    "Checks the cluster: whether it answers, its version, its clock, and who you are to it. With an instance\nand its module it also checks that the registry answers and gives the module, that the values are\naccepted, that the cluster serves all kinds, that you have every right that an apply makes use of, that\nnobody else manages the instance, and in the end the apply itself as a dry run.\n\nA warning is something that an apply gets along with. Exits with 1 when a check fails. For bundles there\nis `tenon bundle check`.",
  args: [{ name: "name", summary: "Name of the instance", complete: "instance" }, moduleArg],
  flags: {
    ...renderFlags,
    "rewrite-images": rewriteImagesFlag,
    "print-role": printRoleFlag,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Check the cluster", line: "tenon check" },
    { about: "Check an apply", line: "tenon check app ./app -n apps -f values.yaml" },
    {
      about: "Print the role that this apply takes",
      line: "tenon check app ./app -n apps -f values.yaml --print-role",
    },
  ],
  async run({ args, flags }, context) {
    const { name, module } = args;
    if ((name === undefined) !== (module === undefined)) {
      throw usageError("check", `Missing argument MODULE: the module of ${name}`);
    }
    if (flags["print-role"] && name === undefined) {
      throw usageError("check", "--print-role needs an instance and its module");
    }
    const { checkInstance, readValues } = await import("@tenon/deploy");
    const instance =
      name === undefined
        ? undefined
        : {
            name,
            module: moduleRequest(module!, flags),
            values: await readValues(valuesRequest(flags, context)),
            package: flags.package,
          };
    const report = await checkInstance(
      await context.deploy({ dryRun: true, rewriteImages: flags["rewrite-images"] }),
      {
        cluster: context.cluster(),
        namespace: context.globals.namespace,
        instance,
      },
    );
    if (flags["print-role"] && report.access.length > 0) return rolesResult([report]);
    return checkResult([report], context);
  },
});
