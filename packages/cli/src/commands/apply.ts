import { type Command, defineCommand } from "../define-command.ts";
import { usageError } from "../errors.ts";
import { applyResult } from "../render/apply-result.ts";
import { warnAll } from "../render/warnings.ts";
import {
  rewriteImagesFlag,
  instanceArg,
  instanceRequest,
  moduleArg,
  moduleRequest,
  renderFlags,
  valuesRequest,
} from "./flags.ts";

export const apply: Command = defineCommand({
  name: "apply",
  aliases: ["install", "upgrade"],
  summary: "Install or upgrade an instance",
  description:
    "Builds an instance and makes a cluster hold it, with the smallest change:\n\n- what the cluster would make of each object is asked first, and only what differs is sent;\n- sets of objects are applied one after another, each when the one before is ready;\n- objects that have left the instance are deleted, when all else is ready;\n- a field that another manager owns is never taken in silence.\n\nWith --dry-run and --diff nothing is written.",
  args: [instanceArg, { ...moduleArg, required: true }],
  flags: {
    ...renderFlags,
    "rewrite-images": rewriteImagesFlag,
    "dry-run": { type: "boolean", summary: "Print what would be done, and do nothing" },
    diff: { type: "boolean", summary: "Print the fields that would change, and do nothing" },
    "exit-code": {
      type: "boolean",
      summary: "With --dry-run or --diff: exit with 3 if there are changes",
    },
    wait: { type: "boolean", default: true, summary: "Wait until the objects are ready" },
    force: {
      type: "boolean",
      summary: "Delete and create anew objects of which fields would change that cannot",
    },
    "force-conflicts": { type: "boolean", summary: "Take fields that other managers own" },
    "overwrite-ownership": {
      type: "boolean",
      summary: "Take over an instance that a bundle manages",
    },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    {
      about: "Install a published module",
      line: "tenon apply app oci://ghcr.io/org/modules/app -v 1.0.0 -n apps -f values.yaml",
    },
    {
      about: "See what an upgrade would change",
      line: "tenon apply app oci://ghcr.io/org/modules/app -v 1.1.0 -n apps -f values.yaml --diff",
    },
    {
      about: "Fail a pipeline when the cluster differs",
      line: "tenon apply app ./app -n apps --diff --exit-code",
    },
  ],
  async run({ args, flags }, context) {
    const dryRun = flags["dry-run"] || flags.diff;
    if (flags["exit-code"] && !dryRun) {
      throw usageError("apply", "--exit-code needs --dry-run or --diff");
    }
    const { applyInstance, readValues } = await import("@tenon/deploy");
    const report = await applyInstance(
      await context.deploy({ dryRun, rewriteImages: flags["rewrite-images"] }),
      {
        ...instanceRequest(args.name, context),
        module: moduleRequest(args.module, flags),
        values: await readValues(valuesRequest(flags, context)),
        package: flags.package,
        dryRun,
        wait: flags.wait,
        timeoutMs: context.globals.timeout,
        force: flags.force,
        forceConflicts: flags["force-conflicts"],
        overwriteOwnership: flags["overwrite-ownership"],
      },
    );
    warnAll(report.warnings, context);
    return applyResult(
      report,
      { dryRun, fields: flags.diff, exitCode: flags["exit-code"] },
      context,
    );
  },
});
