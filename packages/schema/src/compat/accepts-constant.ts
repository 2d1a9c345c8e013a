import { lowerBound, upperBound } from "./compare-bounds.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Tells whether a shape takes a single value. Lists and objects are taken by their type alone. */
export function acceptsConstant(shape: JsonSchema, value: unknown): boolean {
  if (shape.type === undefined) return true;
  if (typeof value === "number") return isNumeric(shape, value);
  if (typeof value === "string") return shape.type === "string" && acceptsText(shape, value);
  return shape.type === typeOf(value);
}

function isNumeric(shape: JsonSchema, value: number): boolean {
  if (shape.type !== "number" && !(shape.type === "integer" && Number.isInteger(value)))
    return false;
  const [low, high] = [lowerBound(shape), upperBound(shape)];
  const isAbove = low === undefined || value > low.limit || (value === low.limit && !low.exclusive);
  const isBelow =
    high === undefined || value < high.limit || (value === high.limit && !high.exclusive);
  return isAbove && isBelow;
}

function acceptsText(shape: JsonSchema, value: string): boolean {
  const { length } = Array.from(value);
  if (length < (shape.minLength ?? 0) || length > (shape.maxLength ?? Infinity)) return false;
  const patterns = [shape.pattern, ...(shape.allOf ?? []).map(({ pattern }) => pattern)];
  return patterns.every((pattern) => pattern === undefined || new RegExp(pattern, "u").test(value));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
