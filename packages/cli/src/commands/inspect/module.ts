import { type Command, defineCommand } from "../../define-command.ts";

export const inspectModule: Command = defineCommand({
  name: "inspect module",
  summary: "Print which module an instance was made of",
  description:
    "Prints the repository, version and digest of the module that an instance was made of.",
  args: [{ name: "name", summary: "Name of the instance", required: true, complete: "instance" }],
  flags: {},
  output: ["yaml", "json"],
  cluster: true,
  examples: [
    { about: "Print the module of an instance", line: "tenon inspect module app -n apps" },
  ],
  async run({ args }, context) {
    const { inspectInstance } = await import("@tenon/deploy");
    const { module } = await inspectInstance(await context.deploy(), {
      cluster: context.cluster(),
      name: args.name,
      namespace: context.globals.namespace,
    });
    return { data: module };
  },
});
