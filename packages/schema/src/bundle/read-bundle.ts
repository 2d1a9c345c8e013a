import path from "node:path";

import { objectMembers, parseDuration, type Diagnostic, type Position } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import type { ModuleFiles } from "../module/read-module.ts";
import type { Patch } from "../patch/path-in-patch.ts";
import { summaryOf } from "../summary-of.ts";
import { bundleSchema } from "./bundle-schema.ts";
import { valuesContent, valuesName } from "./bundle-values.ts";
import type { Bundle, BundleInstance, BundleWave, CueFile } from "./bundle.ts";
import { type EvaluatedFiles, evaluateFiles } from "./evaluate-files.ts";
import { inlineModule } from "./inline-module.ts";
import { type InstanceField, instancePath } from "./instance-path.ts";
import { resolveModuleUrl } from "./module-url.ts";

/** What to read a bundle from. */
export interface ReadBundleRequest {
  readonly files: readonly CueFile[];
  /** The CUE module that imports of the files are found in. */
  readonly module?: ModuleFiles | undefined;
  /** Folder inside that module that the files are evaluated in. */
  readonly dir?: string | undefined;
  /** Values for fields with an attribute `@timoni(runtime:TYPE:NAME)`, by NAME. */
  readonly runtimeValues?: Readonly<Record<string, string>> | undefined;
}

/**
 * Evaluates the files of a bundle.
 *
 * @throws SchemaError `SCHEMA_BUNDLE_INVALID`
 */
export async function readBundle(
  engine: Engine,
  request: ReadBundleRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Bundle> {
  const evaluated = await evaluateFiles(
    engine,
    { ...request, what: "bundle", code: "SCHEMA_BUNDLE_INVALID", schema: bundleSchema },
    options,
  );
  const { name, waves = [] } = JSON.parse(evaluated.json) as BundleJson;
  const instances = await readInstances(evaluated, request.files);
  const { locate, locateAll, print } = evaluated;
  const bundle = { name, instances, waves: waves.map(toWave), locate, locateAll, print };
  await rejectProblems(bundle, evaluated);
  return bundle;
}

interface BundleJson {
  readonly name: string;
  readonly waves?: readonly (Omit<BundleWave, "soakMs"> & { readonly soak?: string })[];
}

interface InstanceJson {
  readonly namespace: string;
  readonly module: { readonly url: string; readonly version: string; readonly digest?: string };
  readonly dependsOn?: readonly string[];
}

/** A member of one of the fields that declare instances. */
interface Declaration {
  readonly name: string;
  readonly path: string;
  readonly json: Pick<InstanceJson, "namespace" | "dependsOn">;
  /** Nothing for inline objects. */
  readonly module: InstanceJson["module"] | undefined;
  readonly valuesPath: string;
  readonly values: string;
  readonly patches: readonly Patch[];
}

async function readInstances(
  evaluated: EvaluatedFiles,
  files: readonly CueFile[],
): Promise<BundleInstance[]> {
  const declared = [
    ...declarations(evaluated.json, "instances"),
    ...declarations(evaluated.json, "objects"),
  ];
  const paths = declared.flatMap(({ path: at, json }) => [
    at,
    `${at}.module.url`,
    `${at}.module.version`,
    ...dependencyPaths(at, json),
  ]);
  const places = await evaluated.locate(paths);
  const placeOf = (at: string): Position | undefined => places[paths.indexOf(at)];
  return declared.map(({ name, path: at, json, module, valuesPath, values, patches }) => {
    const { namespace, dependsOn = [] } = json;
    const dir = path.dirname(placeOf(`${at}.module.url`)?.file ?? files[0]?.name ?? "");
    return {
      name,
      namespace,
      module:
        module === undefined ? inlineModule : { ...module, url: resolveModuleUrl(module.url, dir) },
      values: { name: valuesName(name), kind: "json", content: valuesContent(values) },
      patches,
      path: at,
      valuesPath,
      dependsOn,
      dependencyPositions: dependencyPaths(at, json).map(placeOf),
      position: placeOf(at),
      modulePosition: placeOf(`${at}.module.version`) ?? placeOf(`${at}.module.url`),
    };
  });
}

function declarations(bundle: string, field: InstanceField): Declaration[] {
  const members = objectMembers(bundle, [field]) ?? [];
  return members.map(([name, text]) => {
    const at = instancePath(field, name);
    const json = JSON.parse(text) as InstanceJson;
    const parts = new Map(objectMembers(text, []));
    const patches = (objectMembers(text, ["patches"]) ?? []).map(([target, patch]) => ({
      target,
      json: patch,
    }));
    const declared = { name, path: at, json, patches };
    return field === "instances"
      ? {
          ...declared,
          module: json.module,
          valuesPath: `${at}.values`,
          values: parts.get("values") ?? "{}",
        }
      : {
          ...declared,
          module: undefined,
          valuesPath: at,
          values: `{"items":${parts.get("items") ?? "[]"}}`,
        };
  });
}

function dependencyPaths(at: string, { dependsOn = [] }: Declaration["json"]): string[] {
  return dependsOn.map((_, index) => `${at}.dependsOn[${index}]`);
}

function toWave({
  name,
  instances,
  clusters,
  soak,
}: NonNullable<BundleJson["waves"]>[number]): BundleWave {
  return { name, instances, clusters, soakMs: soak === undefined ? 0 : parseDuration(soak) };
}

interface Problem {
  readonly text: string;
  readonly path: string;
}

/** What the schema lets through and the API server would not, or what names nothing. */
async function rejectProblems(bundle: Bundle, evaluated: EvaluatedFiles): Promise<void> {
  const problems = [...instanceProblems(bundle), ...waveProblems(bundle)];
  if (problems.length === 0) return;
  const places = await evaluated.locate(problems.map(({ path: at }) => at));
  const diagnostics = problems.map((problem, index): Diagnostic => {
    const at: Position | undefined = places[index];
    return { ...problem, positions: at === undefined ? [] : [at] };
  });
  throw new SchemaError(
    "SCHEMA_BUNDLE_INVALID",
    `Cannot read bundle ${bundle.name}: ${summaryOf(diagnostics)}`,
    { diagnostics },
  );
}

function instanceProblems({ instances }: Bundle): Problem[] {
  const seen = new Set<string>();
  return instances.flatMap(({ name, namespace, path: at }) => {
    const problems: Problem[] = [];
    if (seen.has(name)) problems.push({ path: at, text: "an instance has the same name" });
    seen.add(name);
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
      const text = `cannot be the name of an instance: expected lower-case letters, digits, dashes and dots`;
      problems.push({ path: at, text });
    }
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace)) {
      const text = `${JSON.stringify(namespace)} cannot be a namespace: expected lower-case letters, digits and dashes`;
      problems.push({ path: `${at}.namespace`, text });
    }
    return problems;
  });
}

function waveProblems({ instances, waves }: Bundle): Problem[] {
  const names = new Set(instances.map(({ name }) => name));
  const seen = new Set<string>();
  return waves.flatMap((wave, index) => {
    const at = `bundle.waves[${index}]`;
    const problems: Problem[] = [];
    if (seen.has(wave.name)) problems.push({ path: at, text: `there are two waves ${wave.name}` });
    seen.add(wave.name);
    if (wave.instances === undefined && wave.clusters === undefined) {
      problems.push({ path: at, text: "names neither instances nor clusters" });
    }
    for (const [place, name] of (wave.instances ?? []).entries()) {
      if (names.has(name)) continue;
      problems.push({ path: `${at}.instances[${place}]`, text: `there is no instance ${name}` });
    }
    return problems;
  });
}
