import { type Command, defineCommand } from "../../define-command.ts";
import { isNamed } from "../../render/bundle-place.ts";
import { table } from "../../render/table.ts";
import { workdirFlag } from "../bundle/bundle-flags.ts";

const masked = "***";

export const build: Command = defineCommand({
  name: "runtime build",
  summary: "Print the values that a runtime takes from its clusters",
  description:
    "Asks each cluster of a runtime for the objects that its queries name, and prints the values that bundles\nget there. Those that come from Secrets are printed as ***.",
  args: [],
  flags: {
    file: {
      type: "strings",
      short: "f",
      split: true,
      value: "file",
      complete: "file",
      summary: "CUE, YAML or JSON file of the runtime, `-` for CUE on stdin; may be repeated",
    },
    cluster: { type: "string", value: "name", summary: "Cluster of the runtime; all unless given" },
    "cluster-group": {
      type: "string",
      value: "name",
      summary: "Group of clusters of the runtime; all unless given",
    },
    workdir: workdirFlag,
    "show-secrets": { type: "boolean", summary: "Print values that come from Secrets" },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Print the values of all clusters", line: "tenon runtime build -f runtime.cue" },
    {
      about: "Print those of one cluster as JSON",
      line: "tenon runtime build -f runtime.cue --cluster staging -o json",
    },
  ],
  async run({ flags }, context) {
    const { buildRuntime } = await import("@tenon/deploy");
    const built = await buildRuntime(await context.deploy(), {
      runtimes: flags.file,
      cluster: flags.cluster,
      group: flags["cluster-group"],
      workdir: flags.workdir,
      stdin: context.io.stdin,
      kube: context.cluster(),
    });
    const shown = built.map(({ cluster, values }) => ({
      cluster,
      values: [...values].map(([name, { value, secret }]): [string, string] => [
        name,
        secret && !flags["show-secrets"] ? masked : value,
      ]),
    }));
    const named = shown.some(({ cluster }) => isNamed(cluster));
    const rows = shown.flatMap(({ cluster, values }) =>
      values.map(([name, value]) => [...(named ? [cluster] : []), name, JSON.stringify(value)]),
    );
    return {
      data: shown.map(({ cluster, values }) => ({ cluster, values: Object.fromEntries(values) })),
      text: table([...(named ? ["CLUSTER"] : []), "NAME", "VALUE"], rows),
    };
  },
});
