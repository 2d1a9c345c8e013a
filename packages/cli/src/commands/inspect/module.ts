import { type Command, defineCommand } from "../../define-command.ts";
import { instanceArg, instanceRequest } from "../flags.ts";

export const inspectModule: Command = defineCommand({
  name: "inspect module",
  summary: "Print which module an instance was made of",
  description:
    "Prints the repository, version and digest of the module that an instance was made of.",
  args: [instanceArg],
  flags: {},
  output: ["yaml", "json"],
  cluster: true,
  examples: [
    { about: "Print the module of an instance", line: "tenon inspect module app -n apps" },
  ],
  async run({ args }, context) {
    const { inspectInstance } = await import("@tenon/deploy");
    const { module } = await inspectInstance(await context.deploy(), {
      ...instanceRequest(args.name, context),
    });
    return { data: module };
  },
});
