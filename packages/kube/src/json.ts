/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** Tells an object from lists and other values. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
