import { type Command, type CommandResult, defineCommand } from "../../define-command.ts";
import { bundleStatusResult } from "../../render/bundle-status.ts";
import { watchResult } from "../../render/watch-result.ts";
import { bundleFlags } from "./bundle-flags.ts";
import { bundleSelection } from "./select.ts";

export const status: Command = defineCommand({
  name: "bundle status",
  summary: "Print the state of a bundle, its instances and their objects",
  description:
    "Prints a bundle as it is on each cluster: its instances with their objects, what is not ready and why,\nand runs that are under way or did not come to their end. Exits with 3 when anything is missing, not\nready, pending or failed. A record that cannot be read does not hide the others.",
  args: [{ name: "name", summary: "Name of the bundle, unless its file is given" }],
  flags: {
    ...bundleFlags,
    watch: { type: "boolean", short: "w", summary: "Print it again whenever it has changed" },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Print the state of a bundle", line: "tenon bundle status shop" },
    { about: "Follow it", line: "tenon bundle status shop --watch" },
    {
      about: "Print it for all clusters of a runtime",
      line: "tenon bundle status -f bundle.cue -r runtime.cue",
    },
  ],
  async run({ args, flags }, context) {
    const selection = bundleSelection("bundle status", args.name, flags, context);
    const { bundleStatus } = await import("@tenon/deploy");
    const deploy = await context.deploy();
    const look = async (): Promise<CommandResult> =>
      bundleStatusResult(await bundleStatus(deploy, selection), context);
    return flags.watch ? watchResult(look, context) : look();
  },
});
