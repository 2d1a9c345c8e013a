import { type Command, defineCommand } from "../../define-command.ts";
import { explainedRegistry } from "../../render/explained-registry.ts";

export const explain: Command = defineCommand({
  name: "registry explain",
  summary: "Show step by step how a reference is looked up in registries",
  description:
    "Looks a reference up as every other command does and shows each step: how it is read, which entry of\nwhich mirror table counts, which mirrors are asked in which order, over which proxy, whom TLS trusts,\nwhere credentials were looked for and whose were used, each request and what was answered. Passwords\nand tokens are never shown. Exits with 1 when nobody gave it.",
  args: [
    {
      name: "reference",
      summary: "What to look up, as oci://registry/repository with a tag or digest",
      required: true,
    },
  ],
  flags: {},
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "See why a module cannot be pulled",
      line: "tenon registry explain oci://ghcr.io/org/modules/app:1.0.0",
    },
    {
      about: "See whose credentials are used",
      line: "tenon registry explain oci://ghcr.io/org/modules/app -o json | jq '.sources[].credentials[] | select(.found)'",
    },
  ],
  async run({ args }, context) {
    const { explainRegistry } = await import("@tenon/deploy");
    return explainedRegistry(await explainRegistry(await context.registry(), args.reference));
  },
});
