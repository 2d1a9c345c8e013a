import { ownOf } from "../kubernetes/rules/rule.ts";
import { appendSelector } from "../render/cue-path.ts";
import { canonical } from "../values/canonical.ts";
import { compareCounts } from "./compare-bounds.ts";
import { compareNames } from "./compare-checks.ts";
import type { Comparison, SchemaPair } from "./comparison.ts";
import { type JsonSchema, fieldOf, reasonsOf } from "./json-schema.ts";
import { type SchemaChange, schemaChange } from "./schema-change.ts";

const counts = {
  least: "minProperties",
  most: "maxProperties",
  checks: ["struct.MinFields", "struct.MaxFields"],
} as const;

const built = "set when the instance is built";

/** Compares the fields of two structs: those that are declared, and which others there may be. */
export function compareStructs(
  comparison: Comparison,
  pair: SchemaPair,
  path: string,
): SchemaChange[] {
  const { before, after } = pair;
  const old = Object.entries(before.properties ?? {});
  const young = Object.entries(after.properties ?? {});
  return [
    ...old.flatMap(([name, field]) =>
      fieldOf(after, name) === undefined
        ? removedField(comparison, pair, { field, path: appendSelector(path, name) })
        : compareField(comparison, pair, { name, path: appendSelector(path, name) }),
    ),
    ...young.flatMap(([name, field]) =>
      fieldOf(before, name) === undefined
        ? addedField(comparison, pair, { name, field, path: appendSelector(path, name) })
        : [],
    ),
    ...comparePatternFields(comparison, pair, path),
    ...compareOthers(comparison, pair, path),
    ...compareNames(before, after, path),
    ...compareCounts(pair, counts, path),
  ];
}

function removedField(
  comparison: Comparison,
  { after }: SchemaPair,
  { field, path }: { readonly field: JsonSchema; readonly path: string },
): SchemaChange[] {
  if (isBuilt(field)) return [];
  const others = after.additionalProperties;
  if (typeof others === "object") return comparison.compare({ before: field, after: others }, path);
  return [schemaChange(path, "field-removed", { before: comparison.textBefore(field) })];
}

function addedField(
  comparison: Comparison,
  { before, after }: SchemaPair,
  {
    name,
    field,
    path,
  }: { readonly name: string; readonly field: JsonSchema; readonly path: string },
): SchemaChange[] {
  if (isBuilt(field)) return [];
  if (after.required?.includes(name) === true) {
    return requiredFields(comparison, field, path).map(([place, text]) =>
      schemaChange(place, "required-field-added", { after: text }),
    );
  }
  const others = before.additionalProperties;
  if (typeof others === "object") return comparison.compare({ before: others, after: field }, path);
  return [schemaChange(path, "field-added", { after: comparison.textAfter(field) })];
}

/** The innermost fields that have to be set, with what they take. */
function requiredFields(
  comparison: Comparison,
  schema: JsonSchema,
  path: string,
): readonly (readonly [path: string, text: string])[] {
  const { required = [] } = schema;
  if (required.length === 0) return [[path, comparison.textAfter(schema)]];
  return required.flatMap((name) =>
    requiredFields(comparison, fieldOf(schema, name) ?? {}, appendSelector(path, name)),
  );
}

function compareField(
  comparison: Comparison,
  pair: SchemaPair,
  { name, path }: { readonly name: string; readonly path: string },
): SchemaChange[] {
  const field = { before: fieldOf(pair.before, name)!, after: fieldOf(pair.after, name)! };
  const [was, is] = [pair.before, pair.after].map(
    ({ required }) => required?.includes(name) === true,
  );
  const text = {
    before: comparison.textBefore(field.before),
    after: comparison.textAfter(field.after),
  };
  const changes: SchemaChange[] = [];
  if (is === true && was === false && !requiresMore(field.before, field.after)) {
    changes.push(schemaChange(path, "now-required", { after: text.after }));
  } else if (was === true && is === false && !requiresMore(field.after, field.before)) {
    changes.push(schemaChange(path, "now-optional", { before: text.before }));
  }
  if (is === was) changes.push(...compareDefaults(field, path));
  return [...changes, ...comparison.compare(field, path)];
}

/** A struct has to be set because of fields in it, which are told by themselves. */
function requiresMore(before: JsonSchema, after: JsonSchema): boolean {
  return (after.required ?? []).some(
    (name) =>
      before.required?.includes(name) !== true ||
      requiresMore(fieldOf(before, name) ?? {}, fieldOf(after, name) ?? {}),
  );
}

function compareDefaults({ before, after }: SchemaPair, path: string): SchemaChange[] {
  const text = ({ default: value }: JsonSchema): string | undefined =>
    value === undefined ? undefined : JSON.stringify(value);
  if (canonical(before.default) === canonical(after.default)) return [];
  return [schemaChange(path, "default-changed", { before: text(before), after: text(after) })];
}

function comparePatternFields(
  comparison: Comparison,
  { before, after }: SchemaPair,
  path: string,
): SchemaChange[] {
  const [old, young] = [before.patternProperties ?? {}, after.patternProperties ?? {}];
  return [...new Set([...Object.keys(old), ...Object.keys(young)])].flatMap((pattern) => {
    const place = `${path}[=~${JSON.stringify(pattern)}]`;
    const [was, is] = [ownOf(old, pattern), ownOf(young, pattern)];
    if (was !== undefined && is !== undefined)
      return comparison.compare({ before: was, after: is }, place);
    if (was !== undefined) {
      return [schemaChange(place, "field-removed", { before: comparison.textBefore(was) })];
    }
    return [schemaChange(place, "field-added", { after: comparison.textAfter(is ?? {}) })];
  });
}

/** Compares what fields may be that have no name in the schema; nothing said is anything. */
function compareOthers(
  comparison: Comparison,
  { before, after }: SchemaPair,
  path: string,
): SchemaChange[] {
  const place = `${path}[string]`;
  const [was, is] = [before.additionalProperties, after.additionalProperties];
  if (was === is || (!isObjectShape(before) && !isObjectShape(after))) return [];
  if (is === false) {
    return [schemaChange(place, "field-removed", { before: comparison.textBefore(was || {}) })];
  }
  if (was === false) {
    return [schemaChange(place, "field-added", { after: comparison.textAfter(is ?? {}) })];
  }
  return comparison.compare({ before: was ?? {}, after: is ?? {} }, place);
}

function isObjectShape({ type, properties }: JsonSchema): boolean {
  return type === "object" || properties !== undefined;
}

function isBuilt(schema: JsonSchema): boolean {
  return reasonsOf(schema).includes(built);
}
