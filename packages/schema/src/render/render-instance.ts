import type { KubeObject, ResourceSet } from "@tenon/core";
import type {
  CueSource,
  Engine,
  Evaluation,
  EvaluationResult,
  Timings,
  ValueSource,
} from "@tenon/cue-wasm";
import { cueSource } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { overlaySchema, overlaySchemaFile } from "../module/overlay-schema.ts";
import type { ModuleFiles } from "../module/read-module.ts";
import { moduleName } from "../module/read-module.ts";
import { readApplySets } from "./apply-sets.ts";
import { buildFailure } from "./build-failure.ts";
import { findImages } from "./images.ts";

/** The Kubernetes version that modules see when no cluster is asked. */
export const defaultKubeVersion = "1.36.3";

/** The module version that modules see when they come from a directory. */
export const localModuleVersion = "0.0.0-devel";

/** What to render. */
export interface RenderRequest {
  readonly module: ModuleFiles;
  /** Name of the CUE package (default `main`); another one lives in the folder of that name. */
  readonly package?: string | undefined;
  readonly name: string;
  readonly namespace: string;
  /** Values files; later ones win. */
  readonly values?: readonly ValueSource[];
  readonly moduleVersion?: string | undefined;
  /** Version of the cluster without a leading v. */
  readonly kubeVersion?: string | undefined;
  /** Build with `debug_values.cue` in place of `values.cue`. */
  readonly debug?: boolean | undefined;
}

/** A rendered instance. */
export interface Rendered {
  readonly moduleName: string;
  /** In the order in which they are applied. */
  readonly sets: readonly ResourceSet[];
  /** CUE path of each object, for messages. */
  readonly paths: ReadonlyMap<KubeObject, string>;
  /** The values as CUE text: those of `values.cue` with the given files merged over them. */
  readonly values: string;
  /** References of the container images in the configuration, sorted, each once. */
  readonly images: readonly string[];
  readonly timings: Timings;
}

/**
 * Renders a module with values to ordered resource sets.
 *
 * @throws SchemaError `SCHEMA_VALUES_INVALID`, `SCHEMA_BUILD_FAILED`, `SCHEMA_OBJECT_INVALID`, `SCHEMA_MODULE_INVALID`
 */
export async function renderInstance(
  engine: Engine,
  request: RenderRequest,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Rendered> {
  const name = moduleName(request.module);
  const evaluation: Evaluation = {
    ...evaluationOf(request),
    outputs: [
      { path: "timoni.apiVersion", encoding: "none", concrete: true },
      { path: "timoni.instance", encoding: "none", concrete: true },
      { path: "timoni.apply", encoding: "lists", concrete: true },
      { path: "timoni.instance.config", encoding: "json", optional: true },
    ],
  };
  const result = await evaluateModule(engine, request, evaluation, options);
  const { sets, paths } = readApplySets(
    result.outputs.get("timoni.apply")?.lists ?? [],
    labelOf(request),
  );
  return {
    moduleName: name,
    sets,
    paths,
    values: result.merged ?? "{}",
    images: findImages(result.outputs.get("timoni.instance.config")?.text),
    timings: result.timings,
  };
}

/**
 * Evaluates other outputs of a module's package in the way it is rendered.
 *
 * @throws SchemaError `SCHEMA_VALUES_INVALID`, `SCHEMA_BUILD_FAILED`
 */
export async function evaluateModule(
  engine: Engine,
  request: RenderRequest,
  evaluation: Evaluation,
  options: { signal?: AbortSignal | undefined },
): Promise<Extract<EvaluationResult, { ok: true }>> {
  const result = await engine.evaluate(evaluation, { ...options, label: labelOf(request) });
  if (result.ok) return result;
  throw buildFailure({
    stage: result.stage,
    diagnostics: result.diagnostics,
    root: request.module.root,
    label: labelOf(request),
    userFiles: (request.values ?? []).map((source) => source.name),
  });
}

/** The evaluation of a module's package, without outputs. */
export function evaluationOf(request: RenderRequest): Omit<Evaluation, "outputs"> {
  const packageName = request.package ?? "main";
  const dir = packageName === "main" ? "" : packageName;
  const inDir = (file: string): string => (dir === "" ? file : `${dir}/${file}`);
  if (!request.module.files.has(inDir("values.cue"))) {
    throw new SchemaError(
      "SCHEMA_MODULE_INVALID",
      `Cannot build ${labelOf(request)}: it has no package ${packageName}`,
      {
        hint: `A package of this name is a folder ${packageName}/ with its own timoni.cue and values.cue`,
      },
    );
  }
  const debug = request.debug === true && request.module.files.has(inDir("debug_values.cue"));
  return {
    source: sourceOf(request.module),
    dir,
    package: packageName,
    overlay: new Map([[inDir(overlaySchemaFile), overlaySchema(packageName)]]),
    tags: [`name=${request.name}`, `namespace=${request.namespace}`, ...(debug ? ["debug"] : [])],
    tagVars: {
      moduleVersion: request.moduleVersion ?? localModuleVersion,
      kubeVersion: request.kubeVersion ?? defaultKubeVersion,
    },
    merge: { path: inDir("values.cue"), field: "values", overlays: request.values ?? [] },
  };
}

/** How messages name what is rendered. */
export function labelOf(request: RenderRequest): string {
  return `instance ${request.name} of module ${request.module.root}`;
}

const sources = new WeakMap<ModuleFiles, CueSource>();

/** One source per module, so that many instances of it share what the engine has parsed. */
function sourceOf(module: ModuleFiles): CueSource {
  const known = sources.get(module);
  if (known) return known;
  const source = cueSource(module.files);
  sources.set(module, source);
  return source;
}
