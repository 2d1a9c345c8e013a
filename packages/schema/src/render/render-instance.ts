import type { Diagnostic, KubeObject, ResourceSet } from "@tenon/core";
import type { Engine, Evaluation, Timings } from "@tenon/cue-wasm";

import type { ModuleHealthChecks } from "../health/health-check.ts";
import { healthChecksRequest, keepHealthChecks } from "../health/keep-health-checks.ts";
import { readHealthChecks } from "../health/read-health-checks.ts";
import { moduleName } from "../module/read-module.ts";
import type { AppliedPatch } from "../patch/path-in-patch.ts";
import { objectsInvalid, readApplySets } from "./apply-sets.ts";
import { evaluateModule, evaluationOf, labelOf, type RenderRequest } from "./evaluate-module.ts";
import { findDoubts } from "./find-doubts.ts";
import { findImages } from "./images.ts";
import { locateProblems } from "./locate-problems.ts";

/** A rendered instance. */
export interface Rendered {
  readonly moduleName: string;
  /** In the order in which they are applied. */
  readonly sets: readonly ResourceSet[];
  /** CUE path of each object, for messages. */
  readonly paths: ReadonlyMap<KubeObject, string>;
  /** Patches that were merged into objects. */
  readonly patches?: ReadonlyMap<KubeObject, AppliedPatch> | undefined;
  /** The values as CUE text: those of `values.cue` with the given files merged over them. */
  readonly values: string;
  /** Tells whether the module has a `timoni.instance.config`, from which images are read. */
  readonly hasConfig: boolean;
  /** References of the container images in the configuration, sorted, each once. */
  readonly images: readonly string[];
  /** The health checks that the module declares, if any. */
  readonly healthChecks?: ModuleHealthChecks | undefined;
  /** What the module can hardly mean: hidden lists of objects, and objects that are there twice. */
  readonly doubts: readonly Diagnostic[];
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
      healthChecksRequest.output,
    ],
    slice: healthChecksRequest.slice,
  };
  const result = await evaluateModule(engine, request, evaluation, options);
  const { lists = [], hidden = [] } = result.outputs.get("timoni.apply") ?? {};
  const { sets, paths, problems } = readApplySets(lists);
  if (problems.length > 0) {
    const diagnostics = await locateProblems(engine, request, problems, options);
    throw objectsInvalid(diagnostics, labelOf(request));
  }
  const declared = result.outputs.get(healthChecksRequest.output.path)?.text;
  const config = result.outputs.get("timoni.instance.config")?.text;
  const checks = await readHealthChecks(engine, request, declared, options);
  return {
    moduleName: name,
    sets,
    paths,
    values: result.merged ?? "{}",
    hasConfig: config !== undefined,
    images: findImages(config),
    healthChecks:
      checks.length === 0
        ? undefined
        : await keepHealthChecks(
            engine,
            request,
            { checks, declared, slice: result.slice },
            options,
          ),
    doubts: await findDoubts(engine, request, { hidden, paths }, options),
    timings: result.timings,
  };
}
