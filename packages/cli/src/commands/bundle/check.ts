import { type Command, defineCommand } from "../../define-command.ts";
import { checkResult, printRoleFlag, rolesResult } from "../../render/check-result.ts";
import { credsFlag, rewriteImagesFlag } from "../flags.ts";
import { bundleFlags, bundleRequest, lockFlags } from "./bundle-flags.ts";

export const check: Command = defineCommand({
  name: "bundle check",
  summary: "Tell whether applying a bundle would work, and change nothing",
  description:
    "Checks each cluster of a bundle: whether it answers, its version, its clock, and who you are to it; and\nof each instance that its registry gives the module, that its values are accepted, that the cluster\nserves all kinds, that you have every right that an apply makes use of, and that nobody else manages it.\n\nA warning is something that an apply gets along with. Exits with 1 when a check fails. What would change\nis told by `tenon bundle diff`.",
  args: [],
  flags: {
    ...bundleFlags,
    ...lockFlags,
    "rewrite-images": rewriteImagesFlag,
    creds: credsFlag,
    "print-role": printRoleFlag,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Check a bundle", line: "tenon bundle check -f bundle.cue" },
    {
      about: "Check it on all clusters of a runtime",
      line: "tenon bundle check -f bundle.cue -r runtime.cue",
    },
  ],
  async run({ flags }, context) {
    const { checkBundle } = await import("@tenon/deploy");
    const reports = await checkBundle(
      await context.deploy({ dryRun: true, rewriteImages: flags["rewrite-images"] }),
      {
        ...bundleRequest(flags, context),
        creds: flags.creds,
      },
    );
    const complete = reports.some(({ access }) => access.length > 0);
    if (flags["print-role"] && complete) return rolesResult(reports);
    return checkResult(reports, context);
  },
});
