import type { Engine, ValueSource } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { appendSelector } from "../render/cue-path.ts";
import { type RenderRequest, evaluationOf } from "../render/evaluate-module.ts";

/** One value given by its path, as on a command line. What type it has is the module's to say. */
export interface Setting {
  readonly kind: "setting";
  /** Keys from the values on. */
  readonly path: readonly string[];
  readonly text: string;
}

/** Values of a file, or one by its path. */
export type ValuesInput = ValueSource | Setting;

const key = String.raw`[^."=\s]+|"(?:[^"\\]|\\.)+"`;
const settingText = new RegExp(String.raw`^((?:${key})(?:\.(?:${key}))*)=([\s\S]*)$`);

/**
 * Reads `PATH=VALUE`; keys that contain dots stand in double quotes.
 *
 * @throws SchemaError `SCHEMA_VALUES_INVALID`
 */
export function parseSetting(text: string): Setting {
  const [, path, value] = settingText.exec(text) ?? [];
  if (path === undefined || value === undefined) {
    throw new SchemaError(
      "SCHEMA_VALUES_INVALID",
      `Cannot set ${JSON.stringify(text.split("=", 1)[0])}: expected PATH=VALUE`,
      { hint: `Name the value by its path: image.tag=1.2, or 'labels."example.com/a"=b'` },
    );
  }
  const keys = path.match(new RegExp(key, "g")) ?? [];
  return { kind: "setting", path: keys.map(plainKey), text: value };
}

function plainKey(written: string): string {
  return written.startsWith('"') ? (JSON.parse(written) as string) : written;
}

/**
 * Turns settings into values files, each of the type that the module's schema has at its path: `1.20`
 * is a text for a string, and a number for a number. A text that the schema takes in no other way
 * stays one, and is an error when the module is built.
 *
 * @throws SchemaError `SCHEMA_MODULE_INVALID`
 */
export async function typedValues(
  engine: Engine,
  request: Omit<RenderRequest, "values">,
  values: readonly ValuesInput[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ValueSource[]> {
  const open = values.flatMap((value) =>
    value.kind === "setting" && literalKind(value.text) !== undefined ? [cuePath(value)] : [],
  );
  const kinds = open.length === 0 ? new Map<string, string>() : await kindsOf(open);
  return values.map((value) =>
    value.kind === "setting" ? toSource(value, kinds.get(cuePath(value))) : value,
  );

  async function kindsOf(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const outputs = paths.map((path) => ({ path, encoding: "kind", optional: true }) as const);
    const evaluation = { ...evaluationOf({ ...request, values: [] }), outputs };
    const result = await engine.evaluate(evaluation, { ...options, label: request.name });
    // What is wrong with the module is told when it is built.
    if (!result.ok) return new Map();
    return new Map(paths.map((path) => [path, result.outputs.get(path)?.text ?? "_"]));
  }
}

function cuePath({ path }: Setting): string {
  return path.reduce<string>(appendSelector, "values");
}

function toSource({ path, text }: Setting, kinds: string | undefined): ValueSource {
  const literal = literalKind(text);
  const taken = literal !== undefined && (kinds === undefined || takes(kinds, literal));
  const keys = path.map((name) => `${/^[A-Za-z]\w*$/.test(name) ? name : JSON.stringify(name)}: `);
  const content = Buffer.from(`values: ${keys.join("")}${taken ? text : JSON.stringify(text)}`);
  return { name: `--set ${path.join(".")}`, kind: "cue", content };
}

/** The kind of a text that is a JSON value by itself. */
function literalKind(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    if (value === null) return "null";
    if (Array.isArray(value)) return "list";
    if (typeof value === "boolean") return "bool";
    if (typeof value === "number") return /^-?\d+$/.test(text.trim()) ? "int" : "float";
    return typeof value === "string" ? "string" : "struct";
  } catch {
    return undefined;
  }
}

/** Whether a set of kinds as CUE prints it, such as `(int|string)`, has one. Null removes a value. */
function takes(kinds: string, kind: string): boolean {
  const all = new Set(kinds.replaceAll(/[()]/g, "").split("|"));
  if (all.has("_") || all.has(kind) || kind === "null") return true;
  return (kind === "int" || kind === "float") && all.has("number") ? true : !all.has("string");
}
