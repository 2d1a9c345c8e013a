import type { Engine, ValueSource } from "@tenon/cue-wasm";

import { evaluateModule, evaluationOf, type RenderRequest } from "../render/evaluate-module.ts";

/** The values that a module takes. */
export interface ModuleValues {
  /** The schema with the values filled in, as CUE text. */
  readonly cue: string;
  /** The values that are set or have a default, as JSON text. */
  readonly json: string;
}

/**
 * The values that a module takes and their defaults.
 *
 * @throws SchemaError `SCHEMA_BUILD_FAILED`
 */
export async function moduleValues(
  engine: Engine,
  request: Omit<RenderRequest, "name" | "namespace"> & { readonly values?: readonly ValueSource[] },
  options: { signal?: AbortSignal | undefined } = {},
): Promise<ModuleValues> {
  const label = `the values of module ${request.module.root}`;
  const named = { ...request, label, name: "module-name", namespace: "default" };
  const evaluate = async (encoding: "cue" | "defaults"): Promise<string> => {
    const evaluation = { ...evaluationOf(named), outputs: [{ path: "values", encoding }] };
    const result = await evaluateModule(engine, named, evaluation, options);
    return result.outputs.get("values")?.text ?? "{}";
  };
  return { cue: await evaluate("cue"), json: await evaluate("defaults") };
}
