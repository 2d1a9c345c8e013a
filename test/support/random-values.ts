import fc from "fast-check";

import type { ModuleSamples } from "./module-samples.ts";

/** A JSON Schema as this generator reads it. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly $comment?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: SchemaNode | false;
  readonly prefixItems?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly propertyNames?: SchemaNode;
  readonly required?: readonly string[];
  readonly anyOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
}

/** Takes one of a list. */
type Draw = <T>(...choices: readonly T[]) => T;

const words = [
  "",
  "a",
  "app",
  "a-b",
  "A_B",
  "1",
  "10m",
  "64Mi",
  "50%",
  "/",
  "/tmp",
  "/data",
  "x.y",
  "é",
  "http",
  "none",
];
const numbers = [-1, 0, 1, 2, 0.5, 100, 1000, 1001, 65535, 65536, 2147483648, 9007199254740991];
const wrong: readonly unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [{}],
  { a: 1 },
  ["a"],
  ...words,
  ...numbers,
];

/**
 * Values for a module, of which part is what its schema describes or its tests give, and part has a
 * mistake or two: something of another type, a number or text at a bound, a field too many or too few.
 * The mistakes are drawn from the module's files as well, so that something can come that the schema
 * does not know.
 */
export function randomValues(root: SchemaNode, samples: ModuleSamples): fc.Arbitrary<unknown> {
  const names = [...new Set(["unknown", "replica", ...namesIn(root), ...samples.names])];
  return fc.integer().map((seed) => {
    const draw = drawing(seed);
    const isSample = draw(true, false, false, false, false);
    const value = isSample
      ? structuredClone(draw(...samples.values))
      : instanceOf(draw, root, root, 0);
    const mistakes = draw(0, 0, 0, 1, 1, 1, 2);
    for (let index = 0; index < mistakes; index++) spoil(draw, value, names, samples.texts);
    return value;
  });
}

/** Mulberry32, a small generator of random numbers. */
function drawing(seed: number): Draw {
  let state = seed;
  return (...choices) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return choices[((mixed ^ (mixed >>> 14)) >>> 0) % choices.length]!;
  };
}

function instanceOf(draw: Draw, node: SchemaNode, root: SchemaNode, depth: number): unknown {
  if (node.$ref !== undefined) {
    const target = root.$defs?.[node.$ref.replace("#/$defs/", "")] ?? {};
    return depth > 12 ? {} : instanceOf(draw, target, root, depth + 1);
  }
  if (node.const !== undefined) return node.const;
  if (node.enum !== undefined) return draw(...node.enum);
  if (node.anyOf !== undefined) {
    return instanceOf(draw, draw(...node.anyOf), root, depth);
  }
  const type = typeof node.type === "string" ? node.type : draw(...(node.type ?? ["any"]));
  switch (type) {
    case "object":
      return objectOf(draw, node, root, depth);
    case "array":
      return arrayOf(draw, node, root, depth);
    case "string":
      return textOf(draw, node);
    case "integer":
    case "number":
      return numberOf(draw, node);
    case "boolean":
      return draw(true, false);
    case "null":
      return null;
    default:
      return structuredClone(draw(...wrong));
  }
}

function objectOf(
  draw: Draw,
  node: SchemaNode,
  root: SchemaNode,
  depth: number,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const declared = Object.keys(node.properties ?? {});
  const count = declared.length === 0 ? 0 : draw(depth < 2 ? 1 : 0, 1, 2, 3);
  const chosen = Array.from({ length: count }, () => draw(...declared));
  for (const name of new Set([...(node.required ?? []), ...chosen])) {
    value[name] = instanceOf(draw, node.properties?.[name] ?? {}, root, depth + 1);
  }
  const patterns = Object.entries(node.patternProperties ?? {});
  for (const [pattern, inner] of patterns) {
    if (draw(true, false))
      value[textOf(draw, { pattern })] = instanceOf(draw, inner, root, depth + 1);
  }
  if (
    node.additionalProperties !== undefined &&
    node.additionalProperties !== false &&
    draw(true, false)
  ) {
    const name = nameOf(draw, node.propertyNames ?? {});
    value[name] ??= instanceOf(draw, node.additionalProperties, root, depth + 1);
  }
  return value;
}

function nameOf(draw: Draw, node: SchemaNode): string {
  if (node.anyOf !== undefined) return nameOf(draw, draw(...node.anyOf));
  return node.enum === undefined ? textOf(draw, node) : String(draw(...node.enum));
}

function arrayOf(draw: Draw, node: SchemaNode, root: SchemaNode, depth: number): unknown[] {
  const value = (node.prefixItems ?? []).map((item) => instanceOf(draw, item, root, depth + 1));
  const { items } = node;
  if (items === false) return value;
  const more = draw(0, 1, 2);
  for (let index = 0; index < more; index++) {
    value.push(instanceOf(draw, items ?? {}, root, depth + 1));
  }
  return value;
}

const matching = new Map<string, string[]>();

function textOf(draw: Draw, node: SchemaNode): string {
  const { pattern, minLength = 0, maxLength = 300 } = node;
  if (pattern === undefined) {
    const text = draw(...words);
    return text.length >= minLength ? text : text.padEnd(minLength, "x");
  }
  const known =
    matching.get(pattern) ??
    fc.sample(fc.stringMatching(new RegExp(pattern, "u"), { size: "small" }), {
      numRuns: 50,
      seed: 1,
    });
  matching.set(pattern, known);
  return wellFormed(draw(...known)).slice(0, maxLength);
}

/** Half a character is none in JSON files. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function numberOf(draw: Draw, node: SchemaNode): number {
  const min = Math.max(node.minimum ?? -1000, -1e9);
  const max = Math.min(node.maximum ?? 100_000, 1e9);
  return draw(min, max, Math.ceil(min) + draw(0, 1, 2, 7));
}

/** Changes a value at one place. */
function spoil(
  draw: Draw,
  value: unknown,
  names: readonly string[],
  texts: readonly string[],
): void {
  const holder = draw(...holdersIn(value)) as Record<string, unknown>;
  const anything = (): unknown =>
    draw(true, true, false) ? structuredClone(draw(...wrong)) : draw(...texts);
  const keys = Object.keys(holder);
  const key = keys.length === 0 ? undefined : draw(...keys);
  const how = draw("replace", "replace", "nudge", "nudge", "remove", "add");
  if (how === "add" || key === undefined) {
    if (Array.isArray(holder)) holder.push(anything());
    else holder[draw(...names)] = anything();
  } else if (how === "remove") {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (how === "replace") {
    holder[key] = anything();
  } else {
    holder[key] = nudged(draw, holder[key]);
  }
}

function nudged(draw: Draw, value: unknown): unknown {
  if (typeof value === "number") return value + draw(-1, 1, 0.5);
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return value;
  const letter = draw("a", "A", "-", ".", "_", "/", " ", "\n", "0", "%", "é");
  const at = draw(0, 1, value.length);
  return wellFormed(draw(value.slice(0, at) + letter + value.slice(at), value.slice(1)));
}

function holdersIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(holdersIn)];
}

/** The names of fields anywhere in a schema. */
function namesIn(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, inner]) => [
    ...(key === "properties" ? Object.keys(inner as object) : []),
    ...namesIn(inner),
  ]);
}
