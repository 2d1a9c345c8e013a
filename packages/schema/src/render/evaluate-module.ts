import type { CueSource, Engine, Evaluation, EvaluationResult, ValueSource } from "@tenon/cue-wasm";
import { cueSource } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { overlaySchema, overlaySchemaFile } from "../module/overlay-schema.ts";
import type { ModuleFiles } from "../module/read-module.ts";
import { buildFailure } from "./build-failure.ts";

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
  /** How messages name what is rendered: `instance web of module app` unless given. */
  readonly label?: string | undefined;
  /** Build with `debug_values.cue` in place of `values.cue`. */
  readonly debug?: boolean | undefined;
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
  throw evaluationFailure(request, result);
}

/** The error of an evaluation that failed. */
export function evaluationFailure(
  request: RenderRequest,
  { stage, diagnostics }: Extract<EvaluationResult, { ok: false }>,
): SchemaError {
  return buildFailure({
    stage,
    diagnostics,
    root: request.module.root,
    label: labelOf(request),
    userFiles: (request.values ?? []).map((source) => source.name),
  });
}

/** The evaluation of a module's package, without outputs. */
export function evaluationOf(
  request: RenderRequest,
): Omit<Evaluation, "outputs"> & Required<Pick<Evaluation, "merge">> {
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
  return request.label ?? `instance ${request.name} of module ${request.module.root}`;
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
