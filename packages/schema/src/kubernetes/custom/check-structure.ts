import { suggest } from "@tenon/core";

import { canonical } from "../../values/canonical.ts";
import {
  type Fields,
  type Findings,
  type Path,
  isRecord,
  listOf,
  ownOf,
  recordOf,
} from "../rules/rule.ts";
import { expectedByFormat } from "./check-format.ts";
import {
  type StructuralSchema,
  itemsOf,
  listKeysOf,
  memberOf,
  propertiesOf,
} from "./structural-schema.ts";

/** Takes what is found in custom resources. */
export interface StructureFindings extends Findings {
  problem(path: Path, message: string, suggestion?: string): void;
}

/** Fields that every object has without its schema saying so. */
const ofObjects = ["apiVersion", "kind", "metadata"];

/** Reports fields that the schema does not know: the API server would drop them. */
export function checkKnown(
  found: StructureFindings,
  value: unknown,
  schema: StructuralSchema,
  path: Path,
): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return;
    for (const [index, element] of value.entries())
      checkKnown(found, element, items, [...path, index]);
    return;
  }
  if (!isRecord(value)) return;
  const isObject = path.length === 0 || schema["x-kubernetes-embedded-resource"] === true;
  for (const [name, member] of Object.entries(value)) {
    const inner = memberOf(schema, name);
    if (isObject && ofObjects.includes(name)) continue;
    if (isRecord(inner)) checkKnown(found, member, inner, [...path, name]);
    else if (inner !== true && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
      const absent = Object.keys(propertiesOf(schema)).filter(
        (known) => !Object.hasOwn(value, known),
      );
      found.problem([...path, name], `unknown field "${name}"`, suggest(name, absent));
    }
  }
}

/** Compares a value, defaults filled in, with what its schema asks of it. */
export function checkStructure(
  found: Findings,
  value: unknown,
  schema: StructuralSchema,
  path: Path,
): void {
  if (value === undefined) return;
  if (value === null) {
    if (schema["nullable"] !== true && typeof schema["type"] === "string") {
      found.expected(path, nameOfType(schema), null);
    }
    return;
  }
  if (!hasType(value, schema)) {
    found.expected(path, nameOfType(schema), value);
    return;
  }
  checkEnum(found, value, schema, path);
  checkLogic(found, value, schema, path);
  if (typeof value === "string") checkText(found, value, schema, path);
  else if (typeof value === "number") checkNumber(found, value, schema, path);
  else if (Array.isArray(value)) checkElements(found, value, schema, path);
  else if (isRecord(value)) checkFieldsOf(found, value, schema, path);
}

function hasType(value: unknown, schema: StructuralSchema): boolean {
  if (schema["x-kubernetes-int-or-string"] === true) {
    return typeof value === "string" || Number.isInteger(value);
  }
  switch (schema["type"]) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    default:
      return true;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  integer: "an integer",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function nameOfType(schema: StructuralSchema): string {
  if (schema["x-kubernetes-int-or-string"] === true) return "an integer or a string";
  return ownOf(typeNames, String(schema["type"])) ?? String(schema["type"]);
}

function checkEnum(found: Findings, value: unknown, schema: StructuralSchema, path: Path): void {
  const allowed = schema["enum"];
  if (!Array.isArray(allowed) || allowed.length === 0) return;
  const text = canonical(value);
  if (allowed.some((item) => canonical(item) === text)) return;
  found.expected(path, `one of ${allowed.map((item) => JSON.stringify(item)).join(", ")}`, value);
}

function checkLogic(found: Findings, value: unknown, schema: StructuralSchema, path: Path): void {
  for (const part of schemasOf(schema["allOf"])) checkStructure(found, value, part, path);
  const any = schemasOf(schema["anyOf"]);
  if (any.length > 0 && !any.some((part) => fits(value, part))) {
    found.problem(path, `the value fits none of ${any.length} schemas of anyOf`);
  }
  const one = schemasOf(schema["oneOf"]);
  const count = one.filter((part) => fits(value, part)).length;
  if (one.length > 0 && count !== 1) {
    found.problem(
      path,
      `the value must fit one of ${one.length} schemas of oneOf: it fits ${count}`,
    );
  }
  if (isRecord(schema["not"]) && fits(value, schema["not"])) {
    found.problem(path, "the value fits the schema of not");
  }
}

function schemasOf(value: unknown): StructuralSchema[] {
  return listOf(value).filter(isRecord);
}

function fits(value: unknown, schema: StructuralSchema): boolean {
  let fitting = true;
  const fail = (): void => {
    fitting = false;
  };
  checkStructure({ problem: fail, expected: fail }, value, schema, []);
  return fitting;
}

function checkText(found: Findings, value: string, schema: StructuralSchema, path: Path): void {
  const { minLength, maxLength, pattern, format } = schema;
  const length = Array.from(value).length;
  if (typeof minLength === "number" && length < minLength) {
    found.expected(path, `at least ${minLength} characters`, value);
  } else if (typeof maxLength === "number" && length > maxLength) {
    found.expected(path, `at most ${maxLength} characters`, value);
  } else if (typeof pattern === "string" && regex(pattern)?.test(value) === false) {
    found.expected(path, `a text that matches ${pattern}`, value);
  } else if (typeof format === "string") {
    const expected = expectedByFormat(format, value);
    if (expected !== undefined) found.expected(path, expected, value);
  }
}

/** Patterns are written for Go; those that mean something else or nothing in JavaScript are not checked. */
export function regex(pattern: string): RegExp | undefined {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  if (/\\[AzQECpP]|\[\[:|\(\?P</.test(pattern)) return undefined;
  try {
    return new RegExp(
      flags === null ? pattern : pattern.slice(flags[0].length),
      `u${flags?.[1] ?? ""}`,
    );
  } catch {
    return undefined;
  }
}

function checkNumber(found: Findings, value: number, schema: StructuralSchema, path: Path): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format } = schema;
  const isTooSmall =
    typeof minimum === "number" && (exclusiveMinimum === true ? value <= minimum : value < minimum);
  const isTooBig =
    typeof maximum === "number" && (exclusiveMaximum === true ? value >= maximum : value > maximum);
  if (isTooSmall) {
    found.expected(
      path,
      `${exclusiveMinimum === true ? "more than" : "at least"} ${minimum}`,
      value,
    );
  } else if (isTooBig) {
    found.expected(
      path,
      `${exclusiveMaximum === true ? "less than" : "at most"} ${maximum}`,
      value,
    );
  } else if (format === "int32" && (value < -(2 ** 31) || value >= 2 ** 31)) {
    found.expected(path, "an integer of 32 bits", value);
  } else if (
    typeof multipleOf === "number" &&
    Number.isInteger(multipleOf) &&
    value % multipleOf !== 0
  ) {
    found.expected(path, `a multiple of ${multipleOf}`, value);
  }
}

function checkElements(
  found: Findings,
  value: readonly unknown[],
  schema: StructuralSchema,
  path: Path,
): void {
  const { minItems, maxItems } = schema;
  if (typeof minItems === "number" && value.length < minItems) {
    found.problem(path, `expected at least ${minItems} elements, got ${value.length}`);
  }
  if (typeof maxItems === "number" && value.length > maxItems) {
    found.problem(path, `expected at most ${maxItems} elements, got ${value.length}`);
  }
  const items = itemsOf(schema);
  const keys = listKeysOf(schema);
  const isSet = schema["x-kubernetes-list-type"] === "set";
  const seen = new Map<string, number>();
  for (const [index, element] of value.entries()) {
    if (items !== undefined) checkStructure(found, element, items, [...path, index]);
    if (!isSet && keys === undefined) continue;
    const identity = isSet ? canonical(element) : textOfKeys(element, keys!);
    const first = seen.get(identity);
    if (first === undefined) seen.set(identity, index);
    else found.problem([...path, index], `duplicate of element ${first}: ${identity}`);
  }
}

function textOfKeys(element: unknown, keys: readonly string[]): string {
  const fields = recordOf(element);
  return keys.map((key) => `${key} ${canonical(ownOf(fields, key) ?? null)}`).join(", ");
}

function checkFieldsOf(found: Findings, value: Fields, schema: StructuralSchema, path: Path): void {
  const { required, minProperties, maxProperties } = schema;
  const count = Object.keys(value).length;
  for (const name of listOf(required)) {
    if (typeof name === "string" && !Object.hasOwn(value, name)) {
      found.problem([...path, name], `required field "${name}" is missing`);
    }
  }
  if (typeof minProperties === "number" && count < minProperties) {
    found.problem(path, `expected at least ${minProperties} fields, got ${count}`);
  }
  if (typeof maxProperties === "number" && count > maxProperties) {
    found.problem(path, `expected at most ${maxProperties} fields, got ${count}`);
  }
  for (const [name, member] of Object.entries(value)) {
    const inner = memberOf(schema, name);
    if (isRecord(inner)) checkStructure(found, member, inner, [...path, name]);
  }
}
