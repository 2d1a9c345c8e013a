import { type Command, defineCommand } from "../../define-command.ts";
import { instanceArg, instanceRequest } from "../flags.ts";

export const inspectValues: Command = defineCommand({
  name: "inspect values",
  summary: "Print the values of an instance",
  description:
    "Prints the values that an instance was applied with, as CUE. Values that reach a Secret are not\nkept in the cluster and are not printed.",
  args: [instanceArg],
  flags: {},
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    {
      about: "Take the values of an instance over into a file",
      line: "tenon inspect values app -n apps > values.cue",
    },
  ],
  async run({ args }, context) {
    const { inspectInstance } = await import("@tenon/deploy");
    const { record } = await inspectInstance(await context.deploy(), {
      ...instanceRequest(args.name, context),
    });
    const values = (record.applied ?? record.pending)?.values ?? "{}";
    return { data: { values }, text: `values: ${values}` };
  },
});
