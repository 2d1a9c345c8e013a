import type { SchemaPair } from "./comparison.ts";
import type { JsonSchema } from "./json-schema.ts";
import { type SchemaChange, schemaChange } from "./schema-change.ts";

/** The end of a range of numbers. */
export interface Bound {
  readonly limit: number;
  /** The limit itself is outside. */
  readonly exclusive: boolean;
}

/** The least number that a shape takes, where there is one. */
export function lowerBound({ minimum, exclusiveMinimum }: JsonSchema): Bound | undefined {
  if (exclusiveMinimum !== undefined && exclusiveMinimum >= (minimum ?? -Infinity)) {
    return { limit: exclusiveMinimum, exclusive: true };
  }
  return minimum === undefined ? undefined : { limit: minimum, exclusive: false };
}

/** The largest number that a shape takes, where there is one. */
export function upperBound({ maximum, exclusiveMaximum }: JsonSchema): Bound | undefined {
  if (exclusiveMaximum !== undefined && exclusiveMaximum <= (maximum ?? Infinity)) {
    return { limit: exclusiveMaximum, exclusive: true };
  }
  return maximum === undefined ? undefined : { limit: maximum, exclusive: false };
}

/** Compares the numbers that two shapes take. */
export function compareNumbers(
  before: JsonSchema,
  after: JsonSchema,
  path: string,
): SchemaChange[] {
  return [
    ...compareEnds(path, "lower", lowerBound(before), lowerBound(after)),
    ...compareEnds(path, "upper", upperBound(before), upperBound(after)),
  ];
}

/** How many of something there may be, as two members of a schema say. */
export interface CountNames {
  readonly least: "minLength" | "minItems" | "minProperties";
  readonly most: "maxLength" | "maxItems" | "maxProperties";
  /** What CUE calls the checks: `strings.MinRunes`. */
  readonly checks: readonly [least: string, most: string];
}

/** Compares how many characters, elements or fields two shapes take. */
export function compareCounts(
  { before, after }: SchemaPair,
  { least, most, checks }: CountNames,
  path: string,
): SchemaChange[] {
  const text = (check: string, count: number | undefined): string | undefined =>
    count === undefined ? undefined : `${check}(${count})`;
  return [
    ...compareLimits(
      path,
      (after[least] ?? 0) - (before[least] ?? 0),
      text(checks[0], before[least]),
      text(checks[0], after[least]),
    ),
    ...compareLimits(
      path,
      difference(before[most] ?? Infinity, after[most] ?? Infinity),
      text(checks[1], before[most]),
      text(checks[1], after[most]),
    ),
  ];
}

function compareEnds(
  path: string,
  side: "lower" | "upper",
  before: Bound | undefined,
  after: Bound | undefined,
): SchemaChange[] {
  const text = (bound: Bound | undefined): string | undefined =>
    bound && `${side === "lower" ? ">" : "<"}${bound.exclusive ? "" : "="}${bound.limit}`;
  const none: Bound = { limit: side === "lower" ? -Infinity : Infinity, exclusive: false };
  const [old, young] = [before ?? none, after ?? none];
  const moved = difference(young.limit, old.limit);
  const inwards = side === "lower" ? moved : -moved;
  const tightened = inwards === 0 ? Number(young.exclusive) - Number(old.exclusive) : inwards;
  return compareLimits(path, tightened, text(before), text(after));
}

/** @param tightened above 0 when less is taken than before, below 0 when more is */
function compareLimits(
  path: string,
  tightened: number,
  before: string | undefined,
  after: string | undefined,
): SchemaChange[] {
  if (tightened === 0) return [];
  const change = tightened > 0 ? "bound-tightened" : "bound-loosened";
  return [schemaChange(path, change, { before, after })];
}

/** A difference in which two infinities are the same. */
function difference(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
