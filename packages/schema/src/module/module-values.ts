import type { Engine, ValueSource } from "@tenon/cue-wasm";

import { evaluateModule, evaluationOf, type RenderRequest } from "../render/evaluate-module.ts";

/** The values of a module with their defaults filled in. */
export interface ModuleValues {
  /** CUE text, with constraints where a value has no default. */
  readonly cue: string;
  /** JSON text, absent when a required value has no default. */
  readonly json: string | undefined;
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
  const named = { ...request, name: "module-name", namespace: "default" };
  const evaluate = async (
    encoding: "cue" | "json",
    concrete: boolean,
  ): Promise<string | undefined> => {
    const evaluation = {
      ...evaluationOf(named),
      outputs: [{ path: "values", encoding, concrete }],
    };
    return (await evaluateModule(engine, named, evaluation, options)).outputs.get("values")?.text;
  };
  const cue = (await evaluate("cue", false)) ?? "{}";
  const json = await evaluate("json", true).catch(() => undefined);
  return { cue, json };
}
