import { type Position, objectMembers } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { runtimeSchema } from "../bundle/bundle-schema.ts";
import type { CueFile } from "../bundle/bundle.ts";
import { evaluateFiles } from "../bundle/evaluate-files.ts";
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
  const paths = values.map((value, index) => pathsOf(value, index));
  const places = await evaluated.locate(paths.flat());
  const found = new Map(paths.flat().map((at, index) => [at, places[index]]));
  const queries = values.map((value, index) => readQuery(name, value, paths[index]!, found));
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

/** CUE paths of the query of an entry, and of its expressions. */
function pathsOf(value: QueryJson, index: number): string[] {
  const at = `runtime.values[${index}]`;
  return [`${at}.query`, ...Object.keys(value.for).map((key) => appendSelector(`${at}.for`, key))];
}

function readQuery(
  runtime: string,
  { query, optional, for: expressions }: QueryJson,
  [at = "", ...paths]: readonly string[],
  places: ReadonlyMap<string, Position | undefined>,
): RuntimeQuery {
  const position = places.get(at);
  const ref = parseQuery(query);
  if ("problem" in ref) {
    const text = `${JSON.stringify(query)} is no query: ${ref.problem}`;
    throw new SchemaError("SCHEMA_RUNTIME_INVALID", `Cannot read runtime ${runtime}: ${text}`, {
      diagnostics: [{ text, path: at, positions: position ? [position] : [] }],
    });
  }
  const values = Object.entries(expressions).map(([name, expression], index) => ({
    name,
    expression,
    position: places.get(paths[index]!),
  }));
  return { ref, optional, values, position };
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
