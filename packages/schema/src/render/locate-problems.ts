import type { Diagnostic } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { overlaySchemaFile } from "../module/overlay-schema.ts";
import { inModule } from "./build-failure.ts";
import { evaluateModule, evaluationOf, type RenderRequest } from "./evaluate-module.ts";
import { safePositions } from "./hide-secrets.ts";

/** A problem of a rendered value. */
export interface Problem {
  readonly text: string;
  /** CUE path of the value. */
  readonly path: string;
  readonly notes?: readonly string[];
  /** The value is secret. */
  readonly secret?: true;
}

/** Asks the engine, once, where the values at fault are written; not where the schema of modules is. */
export async function locateProblems(
  engine: Engine,
  request: RenderRequest,
  problems: readonly Problem[],
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Diagnostic[]> {
  const locate = problems.map(({ path }) => path);
  const evaluation = { ...evaluationOf(request), outputs: [], locate };
  const { located } = await evaluateModule(engine, request, evaluation, options);
  const userFiles = (request.values ?? []).map(({ name }) => name);
  return problems.map(({ text, path, notes = [], secret }, index) => ({
    text,
    path,
    notes,
    ...(secret && { secret }),
    positions: safePositions(
      { path, secret },
      (located[index] ?? [])
        .filter(({ file }) => !file.endsWith(overlaySchemaFile))
        .map((at) => inModule(at, request.module.root, userFiles)),
    ),
  }));
}
