import { messageOf } from "@tenon/core";

import { type Command, defineCommand } from "../define-command.ts";
import { table } from "../render/table.ts";

export const list: Command = defineCommand({
  name: "list",
  aliases: ["ls"],
  summary: "List the instances of a namespace or a cluster",
  description: "Lists the instances of a namespace, or of all with -A.",
  args: [],
  flags: {
    "all-namespaces": { type: "boolean", short: "A", summary: "List those of all namespaces" },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "List the instances of a namespace", line: "tenon list -n apps" },
    { about: "List all instances", line: "tenon list -A" },
  ],
  async run({ flags }, context) {
    const { listInstances } = await import("@tenon/deploy");
    const { instances, broken } = await listInstances(await context.deploy(), {
      cluster: context.cluster(),
      namespace: context.globals.namespace,
      allNamespaces: flags["all-namespaces"],
    });
    for (const { name, namespace, error } of broken) {
      context.talk.warn(`instance ${name} in ${namespace}: ${messageOf(error)}`);
    }
    const all = flags["all-namespaces"];
    const rows = instances.map((instance) => [
      instance.name,
      ...(all ? [instance.namespace] : []),
      instance.module.repository,
      instance.module.version,
      instance.lastApplied ?? "-",
      instance.bundle ?? "-",
      instance.state,
      String(instance.revision),
    ]);
    const header = ["NAME", ...(all ? ["NAMESPACE"] : []), "MODULE", "VERSION", "LAST APPLIED"];
    return { data: instances, text: table([...header, "BUNDLE", "STATE", "REVISION"], rows) };
  },
});
