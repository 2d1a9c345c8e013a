import { type Diagnostic, type KubeObject, formatRef, identityOf, refOf } from "@tenon/core";
import type { CueDiagnostic, Engine } from "@tenon/cue-wasm";

import { inModule } from "./build-failure.ts";
import type { RenderRequest } from "./evaluate-module.ts";
import { locateProblems, type Problem } from "./locate-problems.ts";

/**
 * Finds what a module can hardly mean: lists of objects that are hidden and so not applied, and
 * objects that are there twice.
 */
export async function findDoubts(
  engine: Engine,
  request: RenderRequest,
  found: {
    readonly hidden: readonly CueDiagnostic[];
    /** CUE path of each object. */
    readonly paths: ReadonlyMap<KubeObject, string>;
  },
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Diagnostic[]> {
  const userFiles = (request.values ?? []).map(({ name }) => name);
  const hidden = found.hidden.map(({ path, positions }) => ({
    text: "a hidden list is not applied",
    path,
    positions: positions.map((at) => inModule(at, request.module.root, userFiles)),
    notes: [],
  }));
  const twice = repeatedObjects(found.paths);
  if (twice.length === 0) return hidden;
  return [...hidden, ...(await locateProblems(engine, request, twice, options))];
}

function repeatedObjects(paths: ReadonlyMap<KubeObject, string>): Problem[] {
  const first = new Map<string, string>();
  return [...paths].flatMap(([object, path]) => {
    const ref = refOf(object);
    const earlier = first.get(identityOf(ref));
    first.set(identityOf(ref), earlier ?? path);
    return earlier === undefined
      ? []
      : [{ text: `${formatRef(ref)} is at ${earlier} already`, path }];
  });
}
