import { objectMembers } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { runtimeSchema } from "../bundle/bundle-schema.ts";
import type { CueFile } from "../bundle/bundle.ts";
import { type EvaluatedFiles, evaluateFiles } from "../bundle/evaluate-files.ts";
import { SchemaError } from "../errors.ts";
import type { ModuleFiles } from "../module/read-module.ts";
import { appendSelector } from "../render/cue-path.ts";
import { type RuntimeQuery, parseQuery } from "./runtime-query.ts";

/** Where bundles go. */
export interface Runtime {
  readonly name: string;
  /** In the order of declaration; none means the cluster of the current context. */
  readonly clusters: readonly RuntimeCluster[];
  /** What it takes from each of the clusters, in the order of declaration: later ones win. */
  readonly queries: readonly RuntimeQuery[];
}

/** A cluster of a runtime. */
export interface RuntimeCluster {
  readonly name: string;
  readonly group: string;
  /** The context of the kubeconfig; the current one when it is left out. */
  readonly kubeContext?: string | undefined;
}

/** The only cluster where no runtime names any. */
export const defaultCluster: RuntimeCluster = { name: "_default", group: "_default" };

/**
 * Evaluates the files of a runtime.
 *
 * @throws SchemaError `SCHEMA_RUNTIME_INVALID`
 */
export async function readRuntime(
  engine: Engine,
  request: {
    readonly files: readonly CueFile[];
    readonly module?: ModuleFiles | undefined;
    readonly dir?: string | undefined;
  },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Runtime> {
  const evaluated = await evaluateFiles(
    engine,
    { ...request, what: "runtime", code: "SCHEMA_RUNTIME_INVALID", schema: runtimeSchema },
    options,
  );
  const { name, values = [] } = JSON.parse(evaluated.json) as RuntimeJson;
  const members = objectMembers(evaluated.json, ["clusters"]) ?? [];
  const clusters = members.map(([cluster, text]): RuntimeCluster => {
    const { group, kubeContext } = JSON.parse(text) as { group: string; kubeContext: string };
    return { name: cluster, group, kubeContext };
  });
  const queries = await Promise.all(
    values.map((value, index) => readQuery({ name, evaluated, value, index })),
  );
  return { name, clusters, queries };
}

interface RuntimeJson {
  readonly name: string;
  readonly values?: readonly QueryJson[];
}

interface QueryJson {
  readonly query: string;
  readonly for: Readonly<Record<string, string>>;
  readonly optional: boolean;
}

async function readQuery({
  name,
  evaluated,
  value,
  index,
}: {
  readonly name: string;
  readonly evaluated: EvaluatedFiles;
  readonly value: QueryJson;
  readonly index: number;
}): Promise<RuntimeQuery> {
  const at = `runtime.values[${index}]`;
  const names = Object.keys(value.for);
  const paths = names.map((key) => appendSelector(`${at}.for`, key));
  const [position, ...places] = await evaluated.locate([`${at}.query`, ...paths]);
  const ref = parseQuery(value.query);
  if ("problem" in ref) {
    const text = `${JSON.stringify(value.query)} is no query: ${ref.problem}`;
    throw new SchemaError("SCHEMA_RUNTIME_INVALID", `Cannot read runtime ${name}: ${text}`, {
      diagnostics: [{ text, path: `${at}.query`, positions: position ? [position] : [] }],
    });
  }
  const values = names.map((key, place) => ({
    name: key,
    expression: value.for[key]!,
    position: places[place],
  }));
  return { ref, optional: value.optional, values, position };
}

/**
 * The clusters that are asked for, by name and by group; `*` and nothing mean all. Letters may be of
 * either case.
 *
 * @throws SchemaError `SCHEMA_RUNTIME_INVALID` when none is left
 */
export function selectClusters(
  clusters: readonly RuntimeCluster[],
  wanted: { readonly cluster?: string | undefined; readonly group?: string | undefined },
): readonly RuntimeCluster[] {
  const all = clusters.length === 0 ? [defaultCluster] : clusters;
  const fits = (asked: string | undefined, name: string): boolean =>
    asked === undefined ||
    asked === "" ||
    asked === "*" ||
    asked.toLowerCase() === name.toLowerCase();
  const found = all.filter(
    ({ name, group }) => fits(wanted.cluster, name) && fits(wanted.group, group),
  );
  if (found.length > 0) return found;
  throw new SchemaError(
    "SCHEMA_RUNTIME_INVALID",
    `Cannot select clusters: no cluster found with ${describe(wanted)}`,
    {
      hint:
        clusters.length === 0
          ? "Without a runtime that names clusters there is only the one of the kubeconfig: give a runtime with -r"
          : `The runtime has ${all.map(({ name, group }) => `${name} (group ${group})`).join(", ")}`,
    },
  );
}

function describe({
  cluster,
  group,
}: {
  cluster?: string | undefined;
  group?: string | undefined;
}) {
  const parts = [...(cluster ? [`name ${cluster}`] : []), ...(group ? [`group ${group}`] : [])];
  return parts.join(" and ");
}
