import { suggest } from "@tenon/core";

import { expectedScalar } from "./check-scalar.ts";
import type { ListType, ObjectType, ObjectTypes, ValueType } from "./schema-files.ts";

/** One thing in an object that the API server does not take. */
export interface ObjectProblem {
  /** Keys and list positions from the root of the object. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** What most likely was meant: a field, a value, an API version. */
  readonly suggestion?: string;
}

interface Check {
  readonly types: ObjectTypes;
  /** Values may be secret and stay out of messages. */
  readonly secret: boolean;
  readonly problems: ObjectProblem[];
}

type Path = readonly (string | number)[];

/**
 * Compares an object with its type and returns every problem in document order.
 *
 * @param type name of the object's type
 */
export function checkFields(
  view: object,
  type: string,
  options: { readonly types: ObjectTypes; readonly secret: boolean },
): ObjectProblem[] {
  const check: Check = { ...options, problems: [] };
  checkValue(check, view, { ref: type }, []);
  return check.problems;
}

function checkValue(check: Check, value: unknown, type: ValueType, path: Path): void {
  // The API server reads null as a field that is not there.
  if (value === null || value === undefined) return;
  if (typeof type === "string") {
    const expected = expectedScalar(type, value);
    if (expected !== undefined) reportType(check, path, expected, value);
  } else if ("enum" in type) {
    checkEnum(check, value, type.enum, path);
  } else if ("items" in type) {
    checkList(check, value, type, path);
  } else if (!isRecord(value)) {
    reportType(check, path, "an object", value);
  } else if ("values" in type) {
    for (const [key, member] of Object.entries(value)) {
      checkValue(check, member, type.values, [...path, key]);
    }
  } else {
    checkMembers(check, value, check.types.get(type.ref)!, path);
  }
}

function checkMembers(
  check: Check,
  value: Readonly<Record<string, unknown>>,
  type: ObjectType,
  path: Path,
): void {
  if (!isStatus(path)) {
    for (const name of type.required ?? []) {
      if (value[name] === undefined || value[name] === null) {
        check.problems.push({
          path: [...path, name],
          message: `required field "${name}" is missing`,
        });
      }
    }
  }
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(type.fields, name)) {
      checkValue(check, member, type.fields[name]!, [...path, name]);
    } else {
      const absent = Object.keys(type.fields).filter((field) => !Object.hasOwn(value, field));
      const message = `unknown field "${name}"`;
      check.problems.push({ path: [...path, name], message, ...suggestion(name, absent) });
    }
  }
}

function checkEnum(check: Check, value: unknown, allowed: readonly string[], path: Path): void {
  if (typeof value !== "string") {
    reportType(check, path, "a string", value);
    return;
  }
  // The API server reads an empty string as a field that is not there, and does not look at the status.
  if (value === "" || allowed.includes(value) || isStatus(path)) return;
  const expected = `one of ${allowed.map((item) => JSON.stringify(item)).join(", ")}`;
  reportType(check, path, expected, value, suggestion(value, allowed));
}

function checkList(check: Check, value: unknown, type: ListType, path: Path): void {
  if (!Array.isArray(value)) {
    reportType(check, path, "a list", value);
    return;
  }
  const seen = new Map<string, number>();
  for (const [position, element] of value.entries()) {
    const elementPath = [...path, position];
    const identity = identityOfElement(element, type);
    const first = identity === undefined ? undefined : seen.get(identity);
    if (identity !== undefined && first === undefined) seen.set(identity, position);
    if (first !== undefined) {
      const message = `duplicate of element ${first}: ${identity}`;
      check.problems.push({ path: elementPath, message });
    }
    checkValue(check, element, type.items, elementPath);
  }
}

/** What no other element of the list may have too, as text for people. */
function identityOfElement(element: unknown, type: ListType): string | undefined {
  if (type.set) return JSON.stringify(element);
  if (type.keys === undefined || !isRecord(element)) return undefined;
  const parts: string[] = [];
  for (const [key, fallback] of Object.entries(type.keys)) {
    const value = Object.hasOwn(element, key) ? element[key] : fallback;
    if (value === null) return undefined;
    parts.push(`${key} ${JSON.stringify(value)}`);
  }
  return parts.join(", ");
}

function reportType(
  check: Check,
  path: Path,
  expected: string,
  value: unknown,
  more: { readonly suggestion?: string } = {},
): void {
  const got = check.secret ? describeType(value) : describe(value);
  check.problems.push({ path, message: `expected ${expected}, got ${got}`, ...more });
}

function suggestion(word: string, candidates: readonly string[]): { readonly suggestion?: string } {
  const meant = suggest(word, candidates);
  return meant === undefined ? {} : { suggestion: meant };
}

const longestShown = 60;

function describe(value: unknown): string {
  const text = typeof value === "object" ? "" : JSON.stringify(value);
  if (text === "" || text.length > longestShown) return describeType(value);
  return typeof value === "string" ? text : `the ${typeof value} ${text}`;
}

function describeType(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** The API server drops the status of what is applied, after having read its types. */
function isStatus(path: Path): boolean {
  return path[0] === "status";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
