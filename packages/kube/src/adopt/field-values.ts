import { isEqual } from "../diff.ts";
import { type Json, isObject } from "../json.ts";
import type { FieldSet } from "./field-set.ts";

/** Says that nothing is left of a value. */
const gone = Symbol("gone");

/**
 * The value without the members of `fields`, as a server-side apply leaves it. What `kept` has stays,
 * with all that it is in; a map of which nothing is left goes too.
 */
export function removeFields(value: Json, fields: FieldSet, kept: FieldSet): Json {
  const left = without(value, fields, kept);
  return left === gone ? {} : (left as Json);
}

/**
 * The part of a value that a set names; of list items without a field of their own, the keys. What
 * `others` have in a map that the set names as a whole is left out.
 */
export function extractFields(value: Json, fields: FieldSet, others: FieldSet): Json {
  return extract(value, fields, others) as Json;
}

function without(value: unknown, fields: FieldSet, kept: FieldSet | undefined): unknown {
  if (fields.member && (kept === undefined || !hasMember(kept))) return gone;
  if (Array.isArray(value)) return withoutItems(value, fields, kept);
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const child = fields.children.get(`f:${key}`);
    const left =
      child === undefined ? member : without(member, child, kept?.children.get(`f:${key}`));
    if (left !== gone) result[key] = left;
  }
  return isEmptied(value, result) ? gone : result;
}

function withoutItems(
  list: readonly unknown[],
  fields: FieldSet,
  kept: FieldSet | undefined,
): unknown {
  const result = list.flatMap((item, index) => {
    const found = elementOf(fields, item, index);
    if (found === undefined) return [item];
    const left = without(item, found.child, kept?.children.get(found.element));
    return left === gone ? [] : [left];
  });
  return list.length > 0 && result.length === 0 ? gone : result;
}

function extract(value: unknown, fields: FieldSet, others: FieldSet | undefined): unknown {
  if (fields.children.size === 0) {
    return isObject(value) && others !== undefined && others.children.size > 0 ? {} : value;
  }
  if (Array.isArray(value)) return extractItems(value, fields, others);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    const child = fields.children.get(`f:${key}`);
    if (child === undefined) return [];
    return [[key, extract(member, child, others?.children.get(`f:${key}`))]];
  });
  return Object.fromEntries(entries);
}

function extractItems(
  list: readonly unknown[],
  fields: FieldSet,
  others: FieldSet | undefined,
): unknown[] {
  return list.flatMap((item, index) => {
    const found = elementOf(fields, item, index);
    if (found === undefined) return [];
    const { element, child } = found;
    if (element.startsWith("k:") && child.children.size === 0) {
      return [JSON.parse(element.slice(2)) as unknown];
    }
    return [extract(item, child, others?.children.get(element))];
  });
}

/** The element of a set that means this item of a list. */
function elementOf(
  { children }: FieldSet,
  item: unknown,
  index: number,
): { readonly element: string; readonly child: FieldSet } | undefined {
  for (const [element, child] of children) {
    const [kind, rest] = [element.slice(0, 2), element.slice(2)];
    const matches =
      (kind === "k:" && hasKeys(item, JSON.parse(rest) as Json)) ||
      (kind === "v:" && isEqual(item, JSON.parse(rest))) ||
      (kind === "i:" && Number(rest) === index);
    if (matches) return { element, child };
  }
  return undefined;
}

function hasKeys(item: unknown, keys: Json): boolean {
  return isObject(item) && Object.entries(keys).every(([key, value]) => isEqual(item[key], value));
}

function hasMember(set: FieldSet): boolean {
  return set.member || [...set.children.values()].some(hasMember);
}

function isEmptied(before: Json, after: Json): boolean {
  return Object.keys(before).length > 0 && Object.keys(after).length === 0;
}
