import { type Command, defineCommand } from "../../define-command.ts";
import { lockText } from "../../render/lock-report.ts";
import { credsFlag } from "../flags.ts";
import { bundleFlags, bundleRequest, lockFileFlag } from "./bundle-flags.ts";

export const lock: Command = defineCommand({
  name: "bundle lock",
  summary: "Write down what the modules of a bundle are resolved to",
  description:
    "Resolves every module of a bundle, and the CUE modules that they require, and writes their versions\nand digests into tenon.lock beside the bundle. Keep that file in version control: whoever builds or\napplies the bundle then gets the same content, and with --locked nothing else will do.\n\nWhat the file has and the bundle still asks for stays as it is: `bundle update` moves it.",
  args: [],
  flags: { ...bundleFlags, lock: lockFileFlag, creds: credsFlag },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Lock a bundle", line: "tenon bundle lock -f bundle.cue" },
    {
      about: "Lock it for all clusters of a runtime",
      line: "tenon bundle lock -f bundle.cue -r runtime.cue",
    },
    {
      about: "Fail a pipeline when the lock file is out of date",
      line: "tenon bundle vet -f bundle.cue --locked",
    },
  ],
  async run({ flags }, context) {
    const { lockBundle } = await import("@tenon/deploy");
    const reports = await lockBundle(await context.deploy(), {
      ...bundleRequest(flags, context),
      creds: flags.creds,
    });
    return { data: reports, text: reports.map((one) => lockText(one, context.paint)).join("\n") };
  },
});
