import type { Engine } from "@tenon/cue-wasm";

import { evaluateModule, evaluationOf, type RenderRequest } from "../render/evaluate-module.ts";
import type { ConfigField } from "./config-field.ts";

/** Fields that the build sets, whatever users say. */
const builtFields: ReadonlySet<string> = new Set([
  "kubeVersion",
  "clusterVersion",
  "moduleVersion",
  "metadata.name",
  "metadata.namespace",
]);

/**
 * Describes the values of a module, in the order that CUE gives its fields. What a comment marks with `+nodoc`
 * is left out; `+required` and `+optional` say of a field without default what CUE does not.
 *
 * @throws SchemaError `SCHEMA_BUILD_FAILED`, `SCHEMA_MODULE_INVALID`
 */
export async function moduleConfig(
  engine: Engine,
  request: Omit<RenderRequest, "name" | "namespace">,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ConfigField[]> {
  const label = `the values of module ${request.module.root}`;
  const named = { ...request, label, name: "module-name", namespace: "default" };
  const outputs = [{ path: "values", encoding: "docs" as const }];
  const evaluation = { ...evaluationOf(named), outputs };
  const result = await evaluateModule(engine, named, evaluation, options);
  const fields = JSON.parse(result.outputs.get("values")?.text ?? "[]") as WireField[];
  return fields.filter(isListed).map(toConfigField);
}

/** A field as the engine describes it. */
interface WireField {
  readonly path: readonly { readonly name: string; readonly mark?: "?" | "!" }[];
  readonly type: string;
  readonly default?: string;
  readonly doc?: string;
  readonly hidden?: true;
  /** It does no more than hold other fields. */
  readonly group?: true;
}

/** A group without a word about it says no more than its fields do. */
function isListed({ path, doc, hidden, group }: WireField): boolean {
  const names = path.map(({ name }) => name);
  const isBuilt = names.some((_, index) => builtFields.has(names.slice(0, index + 1).join(".")));
  return !isBuilt && !hidden && !(group && !doc && path.at(-1)?.mark === undefined);
}

function toConfigField({ path, type, default: initial, doc }: WireField): ConfigField {
  const mark = path.at(-1)?.mark;
  return {
    path: path.map(({ name }) => cueLabel(name)).join("."),
    key: path.map(({ name, mark: sign = "" }) => `${cueLabel(name)}${sign}:`).join(" "),
    type,
    default: initial,
    description: (doc ?? "").replace(/\s+/g, " ").trim(),
    required: mark === "!",
    optional: mark === "?",
  };
}

function cueLabel(name: string): string {
  return /^[a-zA-Z$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
