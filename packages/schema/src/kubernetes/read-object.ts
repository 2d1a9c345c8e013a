import { type Fields, isRecord, ownOf } from "./rules/rule.ts";
import type { ObjectTypes, ValueType } from "./schema-files.ts";

const known = new WeakMap<object, Fields>();

/**
 * An object as the API server reads it: null stands for a field that is not there, and for the zero
 * value of an element or a key. It is read once, with the type of the first time.
 */
export function readObject(types: ObjectTypes, value: Fields, type: string): Fields {
  const before = known.get(value);
  if (before !== undefined) return before;
  const fields = types.get(type)?.fields ?? {};
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  const read = Object.fromEntries(
    entries.map(([name, member]) => [name, readValue(types, member, ownOf(fields, name) ?? "any")]),
  );
  known.set(value, read);
  return read;
}

function readValue(types: ObjectTypes, value: unknown, type: ValueType): unknown {
  if (value === null) return zeroOf(type);
  if (typeof type === "string" || "enum" in type) return value;
  if ("items" in type) {
    if (!Array.isArray(value)) return value;
    return value.map((element: unknown) => readValue(types, element, type.items));
  }
  if (!isRecord(value)) return value;
  if ("ref" in type) return readObject(types, value, type.ref);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, readValue(types, member, type.values)]),
  );
}

function zeroOf(type: ValueType): unknown {
  if (type === "string" || type === "bytes") return "";
  if (type === "quantity") return "0";
  return typeof type === "object" && "ref" in type ? {} : null;
}
