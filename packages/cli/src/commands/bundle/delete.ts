import { type Command, defineCommand } from "../../define-command.ts";
import { bundleDeletion } from "../../render/bundle-deletion.ts";
import { bundleFlags } from "./bundle-flags.ts";
import { runFlags } from "./run-flags.ts";
import { bundleSelection } from "./select.ts";

export const deleteCommand: Command = defineCommand({
  name: "bundle delete",
  aliases: ["rm", "uninstall"],
  summary: "Delete the instances of a bundle",
  description:
    "Deletes all instances of a bundle, each when those that depend on it are gone, and then the record of\nthe bundle. The clusters know what belongs to a bundle: its files are not needed. Objects with the\nannotation action.timoni.sh/prune: disabled stay.",
  args: [{ name: "name", summary: "Name of the bundle, unless its file is given" }],
  flags: {
    ...bundleFlags,
    "dry-run": { type: "boolean", summary: "Print what would be deleted, and delete nothing" },
    wait: { type: "boolean", default: true, summary: "Wait until the objects are gone" },
    ...runFlags,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Delete a bundle", line: "tenon bundle delete shop" },
    { about: "See what that would delete", line: "tenon bundle delete shop --dry-run" },
    {
      about: "Delete it from one cluster of a runtime",
      line: "tenon bundle delete shop -r runtime.cue --runtime-cluster staging",
    },
  ],
  async run({ args, flags }, context) {
    const selection = bundleSelection("bundle delete", args.name, flags, context);
    const { deleteBundle } = await import("@tenon/deploy");
    const dryRun = flags["dry-run"];
    const report = await deleteBundle(await context.deploy({ dryRun }), {
      ...selection,
      dryRun,
      wait: flags.wait,
      timeoutMs: context.globals.timeout,
      maxParallel: flags["max-parallel"],
      onFailure: flags["on-failure"],
    });
    return bundleDeletion(report, context);
  },
});
