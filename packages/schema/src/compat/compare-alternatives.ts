import { canonical } from "../values/canonical.ts";
import { acceptsConstant } from "./accepts-constant.ts";
import { compareCounts, compareNumbers } from "./compare-bounds.ts";
import { compareChecks, comparePatterns } from "./compare-checks.ts";
import { compareLists } from "./compare-lists.ts";
import { compareStructs } from "./compare-structs.ts";
import type { Comparison, SchemaPair } from "./comparison.ts";
import { type Alternatives, type JsonSchema, alternativesOf } from "./json-schema.ts";
import { type SchemaChange, schemaChange } from "./schema-change.ts";

const textCounts = {
  least: "minLength",
  most: "maxLength",
  checks: ["strings.MinRunes", "strings.MaxRunes"],
} as const;

/** Compares what two fields can be: single values one by one, shapes with those of the same type. */
export function compareAlternatives(
  comparison: Comparison,
  pair: SchemaPair,
  path: string,
): SchemaChange[] {
  const before = alternativesOf(pair.before, comparison.resolveBefore);
  const after = alternativesOf(pair.after, comparison.resolveAfter);
  const { pairs, lost, gained } = pairUp(before.shapes, after.shapes);
  const types = (change: "type-narrowed" | "type-widened"): SchemaChange[] => [
    schemaChange(path, change, {
      before: comparison.textBefore(pair.before),
      after: comparison.textAfter(pair.after),
    }),
  ];
  if (staysNothing(before, after)) return types("type-narrowed");
  const isNarrower = lost.length > 0 && !isCovered(after);
  const isWider = lost.length > 0 || (gained.length > 0 && !isCovered(before));
  return [
    ...(isNarrower ? types("type-narrowed") : isWider ? types("type-widened") : []),
    ...compareConstants(before, after, path),
    ...compareChecks(withoutAlternatives(pair.before), withoutAlternatives(pair.after), path),
    ...pairs.flatMap((inner) => compareShapes(comparison, inner, path)),
  ];
}

/** Tells whether nothing that was accepted still is: types and values have changed altogether. */
function staysNothing(before: Alternatives, after: Alternatives): boolean {
  const types = new Set(after.shapes.map(typeOf));
  return (
    !isCovered(after) &&
    before.shapes.every((shape) => !types.has(typeOf(shape))) &&
    before.constants.every((value) => !isAccepted(value, after)) &&
    after.constants.every((value) => !isAccepted(value, before))
  );
}

/** Shapes by type, in their order; equal ones first, as they have nothing to compare. */
function pairUp(
  before: readonly JsonSchema[],
  after: readonly JsonSchema[],
): { pairs: SchemaPair[]; lost: JsonSchema[]; gained: JsonSchema[] } {
  const known = new Set(before.map(canonical));
  const same = new Set(after.map(canonical).filter((text) => known.has(text)));
  const isNew = (shape: JsonSchema): boolean => !same.has(canonical(shape));
  const gained = after.filter(isNew);
  const pairs = before
    .filter((shape) => !isNew(shape))
    .map((shape): SchemaPair => ({ before: shape, after: shape }));
  const lost: JsonSchema[] = [];
  for (const shape of before.filter(isNew)) {
    const index = gained.findIndex((other) => typeOf(other) === typeOf(shape));
    const [match] = index < 0 ? [] : gained.splice(index, 1);
    if (match === undefined) lost.push(shape);
    else pairs.push({ before: shape, after: match });
  }
  return { pairs, lost, gained };
}

/** Integers are numbers, of which fewer are taken. */
function typeOf({ type }: JsonSchema): string {
  return type === "integer" ? "number" : String(type);
}

/** Any value covers every type. */
function isCovered({ shapes }: Alternatives): boolean {
  return shapes.some(({ type }) => type === undefined);
}

function compareConstants(before: Alternatives, after: Alternatives, path: string): SchemaChange[] {
  const text = (value: unknown): string => JSON.stringify(value);
  const removed = before.constants.filter((value) => !isAccepted(value, after));
  const added = after.constants.filter((value) => !isAccepted(value, before));
  return [
    ...removed.map((value) => schemaChange(path, "value-removed", { before: text(value) })),
    ...added.map((value) => schemaChange(path, "value-added", { after: text(value) })),
  ];
}

function isAccepted(value: unknown, { constants, shapes }: Alternatives): boolean {
  const text = canonical(value);
  return (
    constants.some((constant) => canonical(constant) === text) ||
    shapes.some((shape) => acceptsConstant(shape, value))
  );
}

/** The alternatives of a schema are compared by themselves. */
function withoutAlternatives(schema: JsonSchema): JsonSchema {
  return schema.anyOf === undefined ? {} : { $comment: schema.$comment ?? "" };
}

function compareShapes(comparison: Comparison, pair: SchemaPair, path: string): SchemaChange[] {
  const { before, after } = pair;
  const narrowed =
    before.type === after.type
      ? []
      : [
          schemaChange(path, after.type === "integer" ? "type-narrowed" : "type-widened", {
            before: comparison.textBefore(before),
            after: comparison.textAfter(after),
          }),
        ];
  return [
    ...narrowed,
    ...compareNumbers(before, after, path),
    ...compareCounts(pair, textCounts, path),
    ...comparePatterns(before, after, path),
    ...compareChecks(before, after, path),
    ...compareLists(comparison, pair, path),
    ...compareStructs(comparison, pair, path),
  ];
}
