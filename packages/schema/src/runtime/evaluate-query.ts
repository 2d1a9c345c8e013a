import { type KubeObjectView, formatRef } from "@tenon/core";
import { type Engine, cueSource } from "@tenon/cue-wasm";

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
  const json = JSON.stringify(isSecret(query) ? withPlainData(object) : object);
  const read: Record<string, string> = {};
  for (const wanted of query.values) {
    read[wanted.name] = await evaluateExpression(engine, { query, wanted, json }, options);
  }
  return read;
}

/** Tells whether the values of a query are not for terminals and logs. */
export function isSecret({ ref }: RuntimeQuery): boolean {
  return ref.apiVersion === "v1" && ref.kind === "Secret";
}

async function evaluateExpression(
  engine: Engine,
  {
    query,
    wanted,
    json,
  }: {
    readonly query: RuntimeQuery;
    readonly wanted: RuntimeExpression;
    readonly json: string;
  },
  options: { readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const evaluation = {
    source: cueSource(new Map()),
    package: "_",
    fileArgs: ["query.cue"],
    overlay: new Map([["query.cue", `obj: ${json}\nvalue: ${wanted.expression}\n`]]),
    outputs: [{ path: "value", encoding: "json", concrete: true }] as const,
  };
  const label = `value ${wanted.name} of ${formatRef(query.ref)}`;
  const result = await engine.evaluate(evaluation, { ...options, label });
  if (!result.ok) throw failure(query, wanted, hideTexts(result.diagnostics[0]?.text ?? ""));
  const text = result.outputs.get("value")?.text ?? "null";
  if (text.startsWith("{") || text.startsWith("[")) {
    const kind = text.startsWith("{") ? "a struct" : "a list";
    throw failure(query, wanted, `it gives ${kind}, expected a string, a number or a bool`);
  }
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
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
