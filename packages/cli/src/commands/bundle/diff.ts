import { type Command, defineCommand } from "../../define-command.ts";
import { bundleResult } from "../../render/bundle-result.ts";
import { bundleWarnings } from "../../render/bundle-warnings.ts";
import { credsFlag, rewriteImagesFlag } from "../flags.ts";
import { bundleFlags, bundleRequest, lockFlags } from "./bundle-flags.ts";
import { applyFlags, runFlags } from "./run-flags.ts";

export const diff: Command = defineCommand({
  name: "bundle diff",
  summary: "Print what applying a bundle would change",
  description:
    "Prints the fields that `bundle apply` would change, and the instances that it would delete, without\nchanging anything. What needs a kind or a namespace that another instance of the bundle brings is\ntaken to be created. Exits with 3 when there is a difference.",
  args: [],
  flags: {
    ...bundleFlags,
    ...lockFlags,
    "rewrite-images": rewriteImagesFlag,
    creds: credsFlag,
    "max-parallel": runFlags["max-parallel"],
    ...applyFlags,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "See what an apply would change", line: "tenon bundle diff -f bundle.cue" },
    {
      about: "Fail a pipeline when a cluster differs",
      line: "tenon bundle diff -f bundle.cue -r runtime.cue --runtime-cluster staging",
    },
  ],
  async run({ flags }, context) {
    const { applyBundle } = await import("@tenon/deploy");
    const report = await applyBundle(
      await context.deploy({ dryRun: true, rewriteImages: flags["rewrite-images"] }),
      {
        ...bundleRequest(flags, context),
        creds: flags.creds,
        dryRun: true,
        force: flags.force,
        forceConflicts: flags["force-conflicts"],
        overwriteOwnership: flags["overwrite-ownership"],
        prune: flags.prune,
        maxParallel: flags["max-parallel"],
      },
    );
    bundleWarnings(report, context);
    return bundleResult(report, { fields: true, exitCode: true }, context);
  },
});
