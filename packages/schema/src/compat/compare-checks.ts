import { canonical } from "../values/canonical.ts";
import { type JsonSchema, reasonsOf } from "./json-schema.ts";
import { type SchemaChange, type SchemaChangeKind, schemaChange } from "./schema-change.ts";

type Kinds = Readonly<Record<"added" | "removed" | "changed", SchemaChangeKind>>;

const patternKinds: Kinds = {
  added: "pattern-added",
  removed: "pattern-removed",
  changed: "pattern-changed",
};
const checkKinds: Kinds = {
  added: "check-added",
  removed: "check-removed",
  changed: "check-changed",
};

const conditional = "further constraints depend on other values";
const also = "also checked: ";

/** Compares regular expressions, which tell nothing about which of them is narrower. */
export function comparePatterns(
  before: JsonSchema,
  after: JsonSchema,
  path: string,
): SchemaChange[] {
  return compareSets(patternsOf(before), patternsOf(after), patternKinds, path);
}

/** Compares exclusions and what else is checked; of most of that there is only a name. */
export function compareChecks(before: JsonSchema, after: JsonSchema, path: string): SchemaChange[] {
  return compareSets(checksOf(before), checksOf(after), checkKinds, path);
}

/** Compares constraints on the names of fields, but for those that are declared. */
export function compareNames(before: JsonSchema, after: JsonSchema, path: string): SchemaChange[] {
  return compareSets(namesOf(before), namesOf(after), patternKinds, `${path}[string]`);
}

function patternsOf({ pattern, allOf = [] }: JsonSchema): string[] {
  return [pattern, ...allOf.map((part) => part.pattern)]
    .filter((text) => text !== undefined)
    .map((text) => `=~${JSON.stringify(text)}`);
}

function checksOf(schema: JsonSchema): string[] {
  const parts = (schema.allOf ?? []).filter((part) => part.pattern === undefined);
  return [
    ...(schema.not === undefined ? [] : [exclusionText(schema.not)]),
    ...parts.map((part) => (part.not === undefined ? canonical(part) : exclusionText(part.not))),
    ...(schema.uniqueItems === true ? ["list.UniqueItems"] : []),
    ...reasonsOf(schema).filter((reason) => reason === conditional || reason.startsWith(also)),
  ].map((text) => text.replace(also, ""));
}

function exclusionText(excluded: JsonSchema): string {
  if ("const" in excluded) return `!=${JSON.stringify(excluded.const)}`;
  return excluded.pattern === undefined
    ? `not ${canonical(excluded)}`
    : `!~${JSON.stringify(excluded.pattern)}`;
}

/** Names of declared fields come and go with the fields. */
function namesOf({ propertyNames, properties = {} }: JsonSchema): string[] {
  if (propertyNames === undefined) return [];
  const others = (propertyNames.anyOf ?? [propertyNames]).flatMap((part) => {
    if (part.enum === undefined) return [part];
    const names = part.enum.filter((name) => !Object.hasOwn(properties, String(name)));
    return names.length === 0 ? [] : [{ ...part, enum: names }];
  });
  return [others.map(nameText).toSorted().join(" | ")];
}

function nameText(names: JsonSchema): string {
  const { pattern, ...rest } = names;
  const isPattern = pattern !== undefined && Object.keys(rest).length === 0;
  return isPattern ? `=~${JSON.stringify(pattern)}` : canonical(names);
}

function compareSets(
  before: readonly string[],
  after: readonly string[],
  kinds: Kinds,
  path: string,
): SchemaChange[] {
  const removed = before.filter((text) => !after.includes(text));
  const added = after.filter((text) => !before.includes(text));
  const textOf = (texts: readonly string[]): string | undefined =>
    texts.length === 0 ? undefined : texts.join(" & ");
  if (removed.length === 0 && added.length === 0) return [];
  const kind = added.length === 0 ? "removed" : removed.length === 0 ? "added" : "changed";
  return [schemaChange(path, kinds[kind], { before: textOf(removed), after: textOf(added) })];
}
