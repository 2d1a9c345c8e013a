import { type Fields, type Findings, type Path, isRecord, isSet, recordOf } from "../rules/rule.ts";
import { type Cel, Double, Unordered, foreign } from "./cel.ts";
import {
  type StructuralSchema,
  itemsOf,
  keysOfPath,
  memberOf,
  propertyOf,
  rulesOf,
} from "./structural-schema.ts";

/** Evaluates the rules of a schema, `x-kubernetes-validations`, for a value with its defaults. */
export function checkRulesOfSchema(
  found: Findings,
  cel: Cel,
  at: { readonly value: unknown; readonly schema: StructuralSchema; readonly path: Path },
): void {
  const { value, schema, path } = at;
  if (value === undefined || value === null) return;
  const rules = rulesOf(schema);
  const self = rules.length === 0 ? undefined : selfAt(value, schema, path);
  for (const { rule, message, fieldPath } of rules) {
    if (cel.evaluate(rule, self) !== false) continue;
    const text = (message ?? "").trim();
    found.problem(
      [...path, ...keysOfPath(fieldPath)],
      text === "" ? `failed rule: ${rule.trim()}` : text,
    );
  }
  for (const [key, inner, member] of membersOf(value, schema)) {
    checkRulesOfSchema(found, cel, { value: member, schema: inner, path: [...path, key] });
  }
}

function membersOf(value: unknown, schema: StructuralSchema): [string | number, Fields, unknown][] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items === undefined
      ? []
      : value.map((element: unknown, index): [number, Fields, unknown] => [index, items, element]);
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, member]): [string, Fields, unknown][] => {
    const inner = memberOf(schema, name);
    return isRecord(inner) ? [[name, inner, member]] : [];
  });
}

/** Formats whose texts are values of other types in CEL. */
const foreignFormats: ReadonlySet<unknown> = new Set(["byte", "date", "date-time", "duration"]);

/** Names that CEL keeps for itself, which rules write with underscores around. */
const keywords: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/**
 * The value as rules see it: what its schema knows, numbers by their type, names as CEL can write them.
 *
 * @see https://kubernetes.io/docs/reference/using-api/cel/#escaping
 */
function selfOf(value: unknown, schema: StructuralSchema): unknown {
  if (foreignFormats.has(schema["format"])) return foreign;
  if (typeof value === "number") return schema["type"] === "number" ? new Double(value) : value;
  if (Array.isArray(value)) return selfOfList(value, schema);
  return isRecord(value) ? selfOfFields(value, schema) : value;
}

function selfOfList(value: readonly unknown[], schema: StructuralSchema): unknown {
  const items = itemsOf(schema);
  const elements =
    items === undefined ? value : value.map((element: unknown) => selfOf(element, items));
  const isOrdered = (schema["x-kubernetes-list-type"] ?? "atomic") === "atomic";
  return isOrdered ? elements : new Unordered(elements);
}

function selfOfFields(value: Fields, schema: StructuralSchema): unknown {
  const self: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const inner = memberOf(schema, name);
    // Rules see null as a field that is not there.
    if (inner === undefined || member === null) continue;
    const key = propertyOf(schema, name) === undefined ? name : escaped(name);
    self[key] = isRecord(inner) ? selfOf(member, inner) : member;
  }
  return self;
}

function selfAt(value: unknown, schema: StructuralSchema, path: Path): unknown {
  const self = selfOf(value, schema);
  const isObject = path.length === 0 || schema["x-kubernetes-embedded-resource"] === true;
  return isObject && isRecord(self) && isRecord(value) ? { ...self, ...identityOf(value) } : self;
}

/** What rules know of every object, whatever its schema says. */
function identityOf({ apiVersion, kind, metadata }: Fields): Fields {
  const { name, generateName } = recordOf(metadata);
  return given({ apiVersion, kind, metadata: given({ name, generateName }) });
}

function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSet(value)));
}

function escaped(name: string): string {
  if (keywords.has(name)) return `__${name}__`;
  return name
    .replaceAll("__", "__underscores__")
    .replaceAll(".", "__dot__")
    .replaceAll("-", "__dash__")
    .replaceAll("/", "__slash__");
}
