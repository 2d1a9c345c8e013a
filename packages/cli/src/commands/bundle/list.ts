import { messageOf } from "@tenon/core";

import { type Command, defineCommand } from "../../define-command.ts";
import { errorData } from "../../render/bundle-failures.ts";
import { isNamed, placeText } from "../../render/bundle-place.ts";
import { table } from "../../render/table.ts";
import { runtimeFlags } from "./bundle-flags.ts";

export const list: Command = defineCommand({
  name: "bundle list",
  aliases: ["ls"],
  summary: "List the bundles of clusters",
  description:
    "Lists all bundles of a cluster, or of the clusters of a runtime; with -n those that have an instance in\na namespace.",
  args: [],
  flags: {
    ...runtimeFlags,
    "all-namespaces": {
      type: "boolean",
      short: "A",
      summary: "List those of all namespaces, as without -n",
    },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "List all bundles", line: "tenon bundle list" },
    { about: "List those with an instance in a namespace", line: "tenon bundle list -n apps" },
  ],
  async run({ flags }, context) {
    const { listBundles } = await import("@tenon/deploy");
    const listed = await listBundles(await context.deploy(), {
      runtimes: flags.runtime,
      cluster: flags["runtime-cluster"],
      group: flags["runtime-group"],
      stdin: context.io.stdin,
      kube: context.cluster(),
      namespace: flags["all-namespaces"] ? undefined : context.globals.namespace,
    });
    const { talk, errPaint } = context;
    for (const { cluster, broken } of listed) {
      for (const { name, error } of broken) {
        talk.warn(`${placeText({ bundle: name, cluster }, errPaint)} ${messageOf(error)}`);
      }
    }
    const named = listed.some(({ cluster }) => isNamed(cluster));
    const rows = listed.flatMap(({ cluster, bundles }) =>
      bundles.map(({ summary: { record }, state, members }) => [
        ...(named ? [cluster] : []),
        record.name,
        `${members.length}`,
        [...new Set(members.map(({ namespace }) => namespace))].join(","),
        `${record.revision}`,
        record.applied?.at ?? "-",
        state,
      ]),
    );
    const header = [...(named ? ["CLUSTER"] : []), "NAME", "INSTANCES", "NAMESPACES", "REVISION"];
    const failed = listed.filter(({ error }) => error !== undefined);
    return {
      data: listed.map(({ cluster, bundles, broken, error }) => ({
        cluster,
        error: errorData(error),
        bundles: bundles.map(({ summary: { record, holder }, state, members }) => ({
          name: record.name,
          cluster: record.cluster,
          state,
          revision: record.revision,
          lastApplied: record.applied?.at,
          instances: members,
          error: record.pending?.error,
          holder,
        })),
        broken: broken.map((entry) => ({ ...entry, error: errorData(entry.error) })),
      })),
      text: table([...header, "LAST APPLIED", "STATE"], rows),
      failures: failed.map(({ cluster, error }) => ({ where: `c:${cluster}`, error })),
      exitCode: failed.length > 0 ? 1 : 0,
    };
  },
});
