import { compareAlternatives } from "./compare-alternatives.ts";
import type { Comparison, SchemaPair } from "./comparison.ts";
import { type JsonSchema, resolverOf, typeText } from "./json-schema.ts";
import type { SchemaChange } from "./schema-change.ts";

/**
 * Compares the JSON Schemas of two versions of a module's values, as `moduleSchema` writes them. Words
 * for people are not compared. What a schema cannot say is not seen: constraints that depend on other
 * values.
 *
 * @returns differences in the order of the fields
 */
export function compareSchemas(before: string, after: string): SchemaChange[] {
  const pair = { before: JSON.parse(before), after: JSON.parse(after) } as SchemaPair;
  const values = { before: valuesOf(pair.before), after: valuesOf(pair.after) };
  const changes = comparisonOf(pair).compare(values, "values");
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

function valuesOf({ properties }: JsonSchema): JsonSchema {
  return properties?.["values"] ?? {};
}

function comparisonOf(root: SchemaPair): Comparison {
  const [resolveBefore, resolveAfter] = [resolverOf(root.before), resolverOf(root.after)];
  /** What is being compared further out: schemas can be inside themselves. */
  const around: SchemaPair[] = [];
  const comparison: Comparison = {
    compare(given, path) {
      const pair = { before: resolveBefore(given.before), after: resolveAfter(given.after) };
      const isInside = around.some(
        ({ before, after }) => before === pair.before && after === pair.after,
      );
      if (isInside) return [];
      around.push(pair);
      const changes = compareAlternatives(comparison, pair, path);
      around.pop();
      return changes;
    },
    textBefore: (schema) => typeText(schema, resolveBefore),
    textAfter: (schema) => typeText(schema, resolveAfter),
    resolveBefore,
    resolveAfter,
  };
  return comparison;
}
