import { suggest } from "@tenon/core";

import type { KubernetesApi } from "./api-version.ts";
import { checkRules } from "./check-rules.ts";
import { expectedScalar } from "./check-scalar.ts";
import type { Cel } from "./custom/cel.ts";
import { readObject } from "./read-object.ts";
import { checkOwners } from "./rules/metadata.ts";
import type { Fields, Findings, RuleTable } from "./rules/rule.ts";
import { isRecord } from "./rules/rule.ts";
import type { ListType, ObjectType, ObjectTypes, ValueType } from "./schema-files.ts";

/** One thing in an object that the API server does not take. */
export interface ObjectProblem {
  /** Keys and list positions from the root of the object. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** What most likely was meant: a field, a value, an API version. */
  readonly suggestion?: string;
  /** It may be taken: another Kubernetes version may differ here, or it is no more than deprecated. */
  readonly isWarning?: boolean;
}

interface Check {
  readonly types: ObjectTypes;
  readonly rules: RuleTable;
  readonly cel?: Cel | undefined;
  /** Values may be secret and stay out of messages. */
  readonly secret: boolean;
  /** The version to compare with, if it is not that of the types. */
  readonly api?: KubernetesApi | undefined;
  readonly problems: ObjectProblem[];
}

type Path = readonly (string | number)[];

/** Where a value stands. */
interface Place {
  readonly path: Path;
  /** The objects around it, the root first. */
  readonly parents: readonly Fields[];
}

/**
 * Compares an object with its type and with the rules for it, and returns the first problem at every place.
 *
 * @param type name of the object's type
 */
export function checkFields(
  view: Fields,
  type: string,
  options: Omit<Check, "problems">,
): ObjectProblem[] {
  const check: Check = { ...options, problems: [] };
  // Every object inside is read by this, with its own type.
  readObject(check.types, view, type);
  checkValue(check, view, { ref: type }, { path: [], parents: [] });
  if (isRecord(view["metadata"])) checkOwners(findingsAt(check, []), view["metadata"]);
  return firstAtEachPlace(check.problems);
}

/** One problem for each path, the one that was found first. */
export function firstAtEachPlace(problems: readonly ObjectProblem[]): ObjectProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ path }) => {
    const place = JSON.stringify(path);
    return !seen.has(place) && seen.add(place);
  });
}

function checkValue(check: Check, value: unknown, type: ValueType, place: Place): void {
  const { path } = place;
  // The API server reads null as a field that is not there.
  if (value === null || value === undefined) return;
  if (typeof type === "string") {
    const expected = expectedScalar(type, value);
    if (expected !== undefined) reportType(check, path, expected, value);
  } else if ("enum" in type) {
    checkEnum(check, value, type.enum, path);
  } else if ("items" in type) {
    checkList(check, value, type, place);
  } else if (!isRecord(value)) {
    reportType(check, path, "an object", value);
  } else if ("values" in type) {
    for (const [key, member] of Object.entries(value)) {
      checkValue(check, member, type.values, { ...place, path: [...path, key] });
    }
  } else {
    checkMembers(check, value, type.ref, place);
    if (!isStatus(path)) {
      const read = (object: Fields): Fields => readObject(check.types, object, type.ref);
      checkRules(check.rules[type.ref] ?? {}, read(value), findingsAt(check, path), {
        parents: place.parents.map(read),
        cel: check.cel,
      });
    }
  }
}

function missingField(name: string): string {
  return `required field "${name}" is missing`;
}

/** Where the rules for the object at this path put what they find; they are those of one version. */
function findingsAt(check: Check, at: Path): Findings {
  const more = check.api === undefined || check.api.isOwn ? {} : { isWarning: true };
  return {
    problem: (path, message) => check.problems.push({ path: [...at, ...path], message, ...more }),
    expected: (path, expected, value) => reportType(check, [...at, ...path], expected, value, more),
  };
}

function checkMembers(check: Check, value: Fields, name: string, place: Place): void {
  const type: ObjectType = check.types.get(name)!;
  const unchecked = check.rules[name]?.unchecked ?? [];
  const parents = [...place.parents, value];
  const { path } = place;
  if (!isStatus(path)) {
    for (const field of type.required ?? []) {
      if (value[field] === undefined || value[field] === null) {
        check.problems.push({
          path: [...path, field],
          message: missingField(field),
        });
      }
    }
  }
  for (const [field, member] of Object.entries(value)) {
    const since = check.api?.fieldSince(name, field);
    if (since !== undefined && member !== null) {
      const message = `field "${field}" came with Kubernetes ${since}, and ${check.api!.label} does not have it`;
      check.problems.push({ path: [...path, field], message });
    } else if (Object.hasOwn(type.fields, field)) {
      const inside = unchecked.includes(field) ? { ...check, rules: {} } : check;
      checkValue(inside, member, type.fields[field]!, { path: [...path, field], parents });
    } else if (check.api?.mayHave(name, field) !== true) {
      const absent = Object.keys(type.fields).filter((known) => !Object.hasOwn(value, known));
      const message = `unknown field "${field}"`;
      check.problems.push({ path: [...path, field], message, ...suggestion(field, absent) });
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

function checkList(check: Check, value: unknown, type: ListType, place: Place): void {
  const { path } = place;
  if (!Array.isArray(value)) {
    reportType(check, path, "a list", value);
    return;
  }
  const seen = new Map<string, number>();
  const isOfObjects = typeof type.items === "object" && "ref" in type.items;
  for (const [position, given] of value.entries()) {
    // The API server reads a null among objects as an empty one.
    const element: unknown = given === null && isOfObjects ? {} : given;
    const elementPath = [...path, position];
    const identity = identityOfElement(element, type);
    const first = identity === undefined ? undefined : seen.get(identity);
    if (identity !== undefined && first === undefined) seen.set(identity, position);
    if (first !== undefined) {
      const message = `duplicate of element ${first}: ${identity}`;
      check.problems.push({ path: elementPath, message });
    }
    if (isAnonymous(element, type)) {
      const [name] = Object.keys(type.keys!);
      check.problems.push({ path: [...elementPath, name!], message: missingField(name!) });
    }
    checkValue(check, element, type.items, { ...place, path: elementPath });
  }
}

/** Server-side apply cannot tell an element without any of the keys from another one. */
function isAnonymous(element: unknown, { keys }: ListType): boolean {
  if (keys === undefined || !isRecord(element)) return false;
  return Object.entries(keys).every(
    ([key, fallback]) => element[key] === undefined && (fallback ?? null) === null,
  );
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

/** Adds that another value was expected at a path. */
export function reportType(
  check: Pick<Check, "problems" | "secret">,
  path: Path,
  expected: string,
  value: unknown,
  more: Pick<ObjectProblem, "suggestion" | "isWarning"> = {},
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
