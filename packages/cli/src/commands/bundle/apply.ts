import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { bundleResult } from "../../render/bundle-result.ts";
import { bundleWarnings } from "../../render/bundle-warnings.ts";
import { credsFlag, rewriteImagesFlag } from "../flags.ts";
import { bundleFlags, bundleRequest, lockFlags } from "./bundle-flags.ts";
import { applyFlags, runFlags } from "./run-flags.ts";

export const apply: Command = defineCommand({
  name: "bundle apply",
  aliases: ["install", "upgrade"],
  summary: "Install or upgrade the instances of a bundle",
  description:
    "Makes clusters hold the instances of a bundle, each with the smallest change:\n\n- all instances are rendered and checked before anything is written anywhere;\n- an instance is applied as soon as those that it depends on are ready: those in dependsOn, those\n  that define a kind that it uses, and those that have a namespace that it is in;\n- several instances and all clusters go at the same time; a failure on one cluster does not stop\n  the others;\n- waves of the bundle go one after another;\n- instances that have left the bundle are deleted, when all else on their cluster is ready.\n\nWith --dry-run and --diff nothing is written.",
  args: [],
  flags: {
    ...bundleFlags,
    ...lockFlags,
    "rewrite-images": rewriteImagesFlag,
    creds: credsFlag,
    "dry-run": { type: "boolean", summary: "Print what would be done, and do nothing" },
    diff: { type: "boolean", summary: "Print the fields that would change, and do nothing" },
    "exit-code": {
      type: "boolean",
      summary: "With --dry-run or --diff: exit with 3 if there are changes",
    },
    wait: { type: "boolean", default: true, summary: "Wait until the objects are ready" },
    ...runFlags,
    ...applyFlags,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Apply a bundle", line: "tenon bundle apply -f bundle.cue" },
    {
      about: "Apply it to the clusters of a group",
      line: "tenon bundle apply -f bundle.cue -r runtime.cue --runtime-group production",
    },
    { about: "See what that would change", line: "tenon bundle apply -f bundle.cue --diff" },
  ],
  async run({ flags }, context) {
    const dryRun = flags["dry-run"] || flags.diff;
    if (flags["exit-code"] && !dryRun) {
      throw usageError("bundle apply", "--exit-code needs --dry-run or --diff");
    }
    const { applyBundle } = await import("@tenon/deploy");
    const report = await applyBundle(
      await context.deploy({ dryRun, rewriteImages: flags["rewrite-images"] }),
      {
        ...bundleRequest(flags, context),
        creds: flags.creds,
        dryRun,
        wait: flags.wait,
        timeoutMs: context.globals.timeout,
        force: flags.force,
        forceConflicts: flags["force-conflicts"],
        overwriteOwnership: flags["overwrite-ownership"],
        prune: flags.prune,
        maxParallel: flags["max-parallel"],
        onFailure: flags["on-failure"],
      },
    );
    bundleWarnings(report, context);
    return bundleResult(report, { fields: flags.diff, exitCode: flags["exit-code"] }, context);
  },
});
