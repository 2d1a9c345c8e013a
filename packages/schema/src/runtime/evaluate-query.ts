import { type KubeObjectView, formatRef } from "@tenon/core";
import { type Engine, type EvaluationResult, cueSource } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { hideTexts } from "../render/hide-secrets.ts";
import type { RuntimeExpression, RuntimeQuery } from "./runtime-query.ts";

/**
 * Takes the values of a query from the object that it names. The data of a Secret is read as text.
 *
 * @returns the values as text, by name
 * @throws SchemaError `SCHEMA_RUNTIME_INVALID` for an expression that gives no text, number or bool
 */
export async function evaluateQuery(
  engine: Engine,
  query: RuntimeQuery,
  object: KubeObjectView,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Record<string, string>> {
  const { values } = query;
  const result = await evaluateAll(engine, query, object, options);
  if (result.ok) {
    return Object.fromEntries(
      values.map((wanted, index) => {
        const json = result.outputs.get(fieldOf(index))?.text ?? "null";
        return [wanted.name, textOf(query, wanted, json)];
      }),
    );
  }
  if (values.length === 1) {
    throw failure(query, values[0]!, hideTexts(result.diagnostics[0]?.text ?? ""));
  }
  // Which of them is wrong, and why, each says alone.
  const read: Record<string, string> = {};
  for (const wanted of values) {
    Object.assign(
      read,
      await evaluateQuery(engine, { ...query, values: [wanted] }, object, options),
    );
  }
  return read;
}

/** Tells whether the values of a query are not for terminals and logs. */
export function isSecret({ ref }: RuntimeQuery): boolean {
  return ref.apiVersion === "v1" && ref.kind === "Secret";
}

function evaluateAll(
  engine: Engine,
  query: RuntimeQuery,
  object: KubeObjectView,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<EvaluationResult> {
  const json = JSON.stringify(isSecret(query) ? withPlainData(object) : object);
  const texts = query.values.map(({ expression }, index) => `${fieldOf(index)}: ${expression}\n`);
  const evaluation = {
    source: cueSource(new Map()),
    package: "_",
    fileArgs: ["query.cue"],
    overlay: new Map([["query.cue", `obj: ${json}\n${texts.join("")}`]]),
    outputs: texts.map((_, index) => ({
      path: fieldOf(index),
      encoding: "json" as const,
      concrete: true,
    })),
  };
  const names = query.values.map(({ name }) => name).join(", ");
  return engine.evaluate(evaluation, { ...options, label: `${names} of ${formatRef(query.ref)}` });
}

function fieldOf(index: number): string {
  return `value${index}`;
}

function textOf(query: RuntimeQuery, wanted: RuntimeExpression, json: string): string {
  if (json.startsWith("{") || json.startsWith("[")) {
    const kind = json.startsWith("{") ? "a struct" : "a list";
    throw failure(query, wanted, `it gives ${kind}, expected a string, a number or a bool`);
  }
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

function failure({ ref }: RuntimeQuery, wanted: RuntimeExpression, reason: string): SchemaError {
  const { name, expression, position } = wanted;
  const text = `cannot evaluate ${expression}: ${reason}`;
  return new SchemaError(
    "SCHEMA_RUNTIME_INVALID",
    `Cannot read value ${name} from ${formatRef(ref)}: ${text}`,
    {
      diagnostics: [{ text, positions: position === undefined ? [] : [position] }],
      hint: `Look at the object with kubectl get ${ref.kind} ${ref.name} -o yaml: obj is that`,
    },
  );
}

/** As it was before Kubernetes encoded it; what is no text stays encoded. */
function withPlainData(object: KubeObjectView): KubeObjectView {
  const data = (object["data"] ?? {}) as Readonly<Record<string, string>>;
  const plain = Object.entries(data).map(([key, encoded]) => {
    const bytes = Buffer.from(encoded, "base64");
    const text = bytes.toString("utf8");
    return [key, Buffer.from(text).equals(bytes) ? text : encoded];
  });
  return { ...object, data: Object.fromEntries(plain) as Record<string, string> };
}
