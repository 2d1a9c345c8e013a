import { type Command, defineCommand } from "../../define-command.ts";
import { trustExplanation } from "../../render/trust-explanation.ts";
import { artifactArg } from "../artifact/artifact-arg.ts";
import { credsFlag } from "../flags.ts";

export const explain: Command = defineCommand({
  name: "trust explain",
  summary: "Show whether an artifact is trusted, and why",
  description:
    "Shows which policy file is in force, which of its rules decides about an artifact, and what each of its\nsignatures is worth. It ends with 1 where the artifact is not trusted.",
  args: [artifactArg],
  flags: { creds: credsFlag },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Explain a module", line: "tenon trust explain oci://ghcr.io/org/modules/app:1.0.0" },
    {
      about: "Try a policy before it is in force",
      line: "tenon trust explain oci://ghcr.io/org/modules/app:1.0.0 --trust-policy ./new.yaml",
    },
  ],
  async run({ args, flags }, context) {
    const { explainTrust } = await import("@tenon/deploy");
    const request = { url: args.artifact_url, creds: flags.creds };
    const explained = await explainTrust(await context.registry(), request);
    return trustExplanation(explained, context.paint);
  },
});
