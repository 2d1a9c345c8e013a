import { compareCounts } from "./compare-bounds.ts";
import type { Comparison, SchemaPair } from "./comparison.ts";
import type { JsonSchema } from "./json-schema.ts";
import { type SchemaChange, schemaChange } from "./schema-change.ts";

const counts = {
  least: "minItems",
  most: "maxItems",
  checks: ["list.MinItems", "list.MaxItems"],
} as const;

/** Compares what two lists take. */
export function compareLists(
  comparison: Comparison,
  pair: SchemaPair,
  path: string,
): SchemaChange[] {
  const { before, after } = pair;
  const length = Math.max(before.prefixItems?.length ?? 0, after.prefixItems?.length ?? 0);
  const first = Array.from({ length }, (_, index) =>
    compareElements(
      comparison,
      [elementAt(before, index), elementAt(after, index)],
      `${path}[${index}]`,
    ),
  );
  return [
    ...compareCounts(pair, counts, path),
    ...first.flat(),
    ...compareElements(comparison, [before.items, after.items], `${path}[]`),
  ];
}

function elementAt(
  { prefixItems, items }: JsonSchema,
  index: number,
): JsonSchema | false | undefined {
  return prefixItems?.[index] ?? items;
}

/** Compares elements, of which there may be none. */
function compareElements(
  comparison: Comparison,
  [before, after]: readonly [JsonSchema | false | undefined, JsonSchema | false | undefined],
  path: string,
): SchemaChange[] {
  if (before === after) return [];
  if (before === false) {
    return [schemaChange(path, "field-added", { after: comparison.textAfter(after || {}) })];
  }
  if (after === false) {
    return [schemaChange(path, "field-removed", { before: comparison.textBefore(before ?? {}) })];
  }
  return comparison.compare({ before: before ?? {}, after: after ?? {} }, path);
}
