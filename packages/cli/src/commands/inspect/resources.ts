import { type Command, defineCommand } from "../../define-command.ts";
import { table } from "../../render/table.ts";
import { instanceArg, instanceRequest } from "../flags.ts";

export const inspectResources: Command = defineCommand({
  name: "inspect resources",
  summary: "Print the objects of an instance",
  description: "Prints the objects that an instance owns.",
  args: [instanceArg],
  flags: {},
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Print the objects of an instance", line: "tenon inspect resources app -n apps" },
  ],
  async run({ args }, context) {
    const { inspectInstance } = await import("@tenon/deploy");
    const { record } = await inspectInstance(await context.deploy(), {
      ...instanceRequest(args.name, context),
    });
    const inventory = (record.applied ?? record.pending)?.inventory ?? [];
    const data = inventory.map(({ apiVersion, kind, namespace, name }) => ({
      apiVersion,
      kind,
      namespace,
      name,
    }));
    const rows = data.map(({ apiVersion, kind, namespace, name }) => [
      `${kind}/${name}`.toLowerCase(),
      namespace ?? "-",
      apiVersion,
    ]);
    return { data, text: table(["NAME", "NAMESPACE", "API VERSION"], rows) };
  },
});
