import { type Command, defineCommand } from "../../define-command.ts";
import { ruleLine } from "../../render/trust-explanation.ts";

export const vet: Command = defineCommand({
  name: "trust vet",
  aliases: ["lint"],
  summary: "Check a trust policy",
  description:
    "Reads a trust policy with the keys and trusted roots that it names, and lists its rules. No registry is\nasked.",
  args: [
    {
      name: "file",
      summary: "The policy; the one that is in force unless given",
      complete: "file",
    },
  ],
  flags: {},
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Check the policy that is in force here", line: "tenon trust vet" },
    { about: "Check another one", line: "tenon trust vet ./tenon.trust.yaml -o json" },
  ],
  async run({ args }, context) {
    const { vetTrustPolicy } = await import("@tenon/deploy");
    const policy = await vetTrustPolicy(await context.registry(), args.file);
    const { cyan, green } = context.paint;
    const lines = policy.rules.map((rule) => ruleLine(rule, context.paint));
    return {
      data: policy,
      text: [...lines, `${cyan(policy.file)} ${green("valid trust policy")}`].join("\n"),
    };
  },
});
