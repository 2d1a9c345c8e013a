import { compareSchemas } from "@tenon/schema";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type SchemaNode, randomValues } from "../../support/random-values.ts";

const seed = Number(process.env["TENON_TEST_SEED"] ?? 1);

const count = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
const pattern = fc.constantFrom(undefined, "^[a-z]+$", "^a");

function defined(node: Readonly<Record<string, unknown>>): SchemaNode {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
}

/** Schemas of the forms that modules have. */
const { node } = fc.letrec<{ node: SchemaNode; object: SchemaNode; list: SchemaNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constant({}),
    fc.constantFrom(...["boolean", "null"].map((type) => ({ type }))),
    fc
      .record({ minLength: count, maxLength: count, pattern })
      .map((text) => defined({ type: "string", ...text })),
    fc
      .record({
        type: fc.constantFrom("integer", "number"),
        minimum: count,
        exclusiveMinimum: count,
        maximum: count,
      })
      .map(defined),
    fc.constant({ type: ["string", "integer"] }),
    fc
      .subarray<unknown>(["a", "app", "A_B", 0, 1, true, null], { minLength: 1 })
      .map((choices) => ({ enum: choices })),
    fc.constantFrom<SchemaNode>({ const: "a" }, { const: 1 }),
    tie("object"),
    tie("list"),
    fc.array(tie("node"), { minLength: 2, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
  // A new field of a struct that is open counts as a feature, though it takes less than anything.
  object: fc
    .record({
      properties: fc.dictionary(fc.constantFrom("a", "b", "x.y"), tie("node"), { maxKeys: 3 }),
      additionalProperties: fc.oneof(fc.constant(false as const), tie("node")),
      wanted: fc.subarray(["a", "b", "x.y"]),
    })
    .map(({ wanted, properties, ...rest }) => {
      const required = wanted.filter((name) => name in properties);
      return defined({ type: "object", properties, ...rest, required });
    }),
  list: fc
    .record({
      items: fc.oneof(fc.constant(undefined), tie("node")),
      minItems: count,
      maxItems: count,
    })
    .map((list) => defined({ type: "array", ...list })),
}));

const samples = {
  names: ["b", "z"],
  texts: ["ab", "a1"],
  values: [{ v: null }, { v: {} }, { v: "a" }, { v: [1] }],
};

/** A schema, and one that differs in a part or is another altogether. */
const pairs = fc
  .tuple(node, node, fc.nat())
  .map(
    ([before, other, place]) => [inField(before), inField(replaced(before, other, place))] as const,
  );

function inField(v: SchemaNode): SchemaNode {
  return { type: "object", properties: { v }, additionalProperties: false };
}

function replaced(schema: SchemaNode, other: SchemaNode, place: number): SchemaNode {
  const names = Object.keys(schema.properties ?? {});
  const name = names[place % (names.length + 1)];
  if (name !== undefined) {
    const inner = replaced(schema.properties![name]!, other, Math.floor(place / 2));
    return { ...schema, properties: { ...schema.properties, [name]: inner } };
  }
  if (typeof schema.items === "object")
    return { ...schema, items: replaced(schema.items, other, place) };
  return other;
}

describe(`compareSchemas() and a validator (seed ${seed})`, () => {
  const ajv = new Ajv2020({ strict: false });
  const file = (values: SchemaNode): string => JSON.stringify({ properties: { values } });

  it("agree on what is taken no longer, and on what is taken now", () => {
    let breaking = 0;
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const impacts = compareSchemas(file(before), file(after)).map(({ impact }) => impact);
        if (impacts.includes("breaking")) breaking++;
        const [old, young] = [ajv.compile(before), ajv.compile(after)];
        const values = [before, after].flatMap((schema) =>
          fc.sample(randomValues(schema, samples), { numRuns: 10, seed }),
        );
        const lost = values.filter((value) => old(value) && !young(value));
        const gained = values.filter((value) => !old(value) && young(value));
        if (!impacts.includes("breaking")) expect(lost).toEqual([]);
        if (impacts.length === 0) expect(gained).toEqual([]);
      }),
      { numRuns: 500, seed },
    );
    // Both kinds of answers have been given.
    expect(breaking).toBeGreaterThan(100);
    expect(breaking).toBeLessThan(450);
  });
});
