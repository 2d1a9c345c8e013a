import type { Diagnostic, KubeObject } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { assets } from "../assets.ts";
import {
  createKubernetesSchemas,
  type KubernetesSchemas,
  type ObjectProblem,
} from "../kubernetes/index.ts";
import { objectsInvalid } from "./apply-sets.ts";
import { inModule } from "./build-failure.ts";
import {
  defaultKubeVersion,
  evaluateModule,
  evaluationOf,
  labelOf,
  type Rendered,
  type RenderRequest,
} from "./render-instance.ts";

interface Found {
  readonly problem: ObjectProblem;
  readonly object: KubeObject;
  readonly cuePath: string;
}

let schemas: KubernetesSchemas | undefined;

/**
 * Checks every rendered object against the Kubernetes API. For another minor version than that of
 * the schemas, whose API may differ, problems are warnings.
 *
 * @returns warnings
 * @throws SchemaError `SCHEMA_OBJECT_INVALID` with every problem and where it comes from
 */
export async function checkObjects(
  engine: Engine,
  request: RenderRequest,
  rendered: Rendered,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Diagnostic[]> {
  schemas ??= createKubernetesSchemas(assets.kubernetes);
  const found: Found[] = [];
  for (const object of rendered.sets.flatMap((set) => set.objects)) {
    for (const problem of (await schemas.checkObject(object)).problems) {
      const cuePath = [rendered.paths.get(object) ?? "", ...problem.path].reduce<string>(
        appendSelector,
        "",
      );
      found.push({ problem, object, cuePath });
    }
  }
  if (found.length === 0) return [];
  const diagnostics = await locate(engine, request, found, options);
  if (minorOf(request.kubeVersion ?? defaultKubeVersion) !== minorOf(await schemas.version()))
    return diagnostics;
  throw objectsInvalid(diagnostics, labelOf(request));
}

/** Asks the engine, once, where the values at fault are written. */
async function locate(
  engine: Engine,
  request: RenderRequest,
  found: readonly Found[],
  options: { signal?: AbortSignal | undefined },
): Promise<Diagnostic[]> {
  const evaluation = {
    ...evaluationOf(request),
    outputs: [],
    locate: found.map(({ cuePath }) => cuePath),
  };
  const { located } = await evaluateModule(engine, request, evaluation, options);
  const userFiles = (request.values ?? []).map(({ name }) => name);
  return found.map(({ problem, object, cuePath }, index) => ({
    text: `${object.view.kind} ${object.view.metadata.name}: ${problem.message}`,
    path: cuePath,
    positions: (located[index] ?? []).map((position) =>
      inModule(position, request.module.root, userFiles),
    ),
    notes:
      problem.suggestion === undefined
        ? []
        : [`did you mean ${JSON.stringify(problem.suggestion)}?`],
  }));
}

function appendSelector(path: string, selector: string | number): string {
  if (typeof selector === "number") return `${path}[${selector}]`;
  if (path === "") return selector;
  return /^[A-Za-z_$][\w$]*$/.test(selector)
    ? `${path}.${selector}`
    : `${path}.${JSON.stringify(selector)}`;
}

function minorOf(version: string): string {
  return version.replace(/^v/, "").split(".").slice(0, 2).join(".");
}
