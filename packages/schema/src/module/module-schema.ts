import type { Engine } from "@tenon/cue-wasm";

import { evaluationOf, evaluationFailure, type RenderRequest } from "../render/evaluate-module.ts";
import { moduleName } from "./read-module.ts";

/**
 * The JSON Schema (draft 2020-12) of a module's values files, which hold one field `values`. It never
 * refuses what the module accepts; where it accepts more, a `$comment` says why.
 *
 * @returns compact JSON text, as large numbers would not survive parsing
 * @throws SchemaError `SCHEMA_BUILD_FAILED`, `SCHEMA_MODULE_INVALID`
 */
export async function moduleSchema(
  engine: Engine,
  request: Pick<RenderRequest, "module" | "package">,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const name = moduleName(request.module);
  const named = { ...request, name: "module-name", namespace: "default" };
  const { merge, ...evaluation } = evaluationOf(named);
  const { path, field } = merge;
  const result = await engine.writeSchema(
    {
      ...evaluation,
      merge: { path, field },
      schema: { title: `Values of ${name}`, built: "timoni.instance.config" },
    },
    { ...options, label: `the schema of module ${request.module.root}` },
  );
  if (!result.ok) throw evaluationFailure(named, result);
  return result.outputs.get(field)?.text ?? "{}";
}
