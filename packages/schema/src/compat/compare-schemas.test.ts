import { describe, expect, it } from "vitest";

import { compareSchemas } from "./compare-schemas.ts";

type Schema = Readonly<Record<string, unknown>>;

/** The changes of one field `a`, as `impact path change: before → after`. */
function changesOf(before: Schema | undefined, after: Schema | undefined): string[] {
  const values = (a: Schema | undefined): Schema => ({
    type: "object",
    properties: a === undefined ? {} : { a },
    additionalProperties: false,
  });
  return compare(values(before), values(after));
}

function compare(before: Schema, after: Schema, defs: Schema = {}): string[] {
  const file = (values: Schema): string => JSON.stringify({ properties: { values }, $defs: defs });
  return compareSchemas(file(before), file(after)).map(
    ({ impact, path, change, before: was = "-", after: is = "-", uncertain }) =>
      `${impact}${uncertain === true ? "?" : ""} ${path} ${change}: ${was} → ${is}`,
  );
}

const text = { type: "string" };
const int = { type: "integer" };
const object = { type: "object", additionalProperties: false };

describe("compareSchemas()", () => {
  it.each<[about: string, before: Schema | undefined, after: Schema | undefined, found: string[]]>([
    ["a new field", undefined, text, ["feature values.a field-added: - → string"]],
    ["a field that is gone", text, undefined, ["breaking values.a field-removed: string → -"]],
    ["another type", text, int, ["breaking values.a type-narrowed: string → int"]],
    [
      "one type more",
      int,
      { type: ["string", "integer"] },
      ["feature values.a type-widened: int → string | int"],
    ],
    [
      "one type less",
      { type: ["string", "integer"] },
      int,
      ["breaking values.a type-narrowed: string | int → int"],
    ],
    [
      "whole numbers only",
      { type: "number" },
      int,
      ["breaking values.a type-narrowed: number → int"],
    ],
    ["all numbers", int, { type: "number" }, ["feature values.a type-widened: int → number"]],
    ["any value", text, {}, ["feature values.a type-widened: string → _"]],
    ["no longer any value", {}, text, ["breaking values.a type-narrowed: _ → string"]],
    [
      "a choice more",
      { enum: ["x", "y"] },
      { enum: ["y", "x", "z"] },
      ['feature values.a value-added: - → "z"'],
    ],
    [
      "a choice less",
      { enum: ["x", "y"] },
      { enum: ["y"] },
      ['breaking values.a value-removed: "x" → -'],
    ],
    [
      "other choices",
      { enum: ["x"] },
      { const: "y" },
      ['breaking values.a type-narrowed: "x" → "y"'],
    ],
    [
      "any text in place of choices",
      { enum: ["x", "y"] },
      text,
      ['feature values.a type-widened: "x" | "y" → string'],
    ],
    [
      "choices in place of any text",
      text,
      { enum: ["x", "y"] },
      ['breaking values.a type-narrowed: string → "x" | "y"'],
    ],
    [
      "a choice out of bounds",
      { enum: [1, 5] },
      { type: "integer", maximum: 4 },
      [
        "breaking values.a value-removed: 5 → -",
        "feature values.a type-widened: 1 | 5 → int",
      ].toReversed(),
    ],
    [
      "a lower bound",
      { ...int, minimum: 0 },
      { ...int, minimum: 1 },
      ["breaking values.a bound-tightened: >=0 → >=1"],
    ],
    [
      "a bound that is excluded",
      { ...int, maximum: 5 },
      { ...int, exclusiveMaximum: 5 },
      ["breaking values.a bound-tightened: <=5 → <5"],
    ],
    [
      "a bound that is gone",
      { ...int, maximum: 5 },
      int,
      ["feature values.a bound-loosened: <=5 → -"],
    ],
    [
      "a new bound",
      text,
      { ...text, maxLength: 5 },
      ["breaking values.a bound-tightened: - → strings.MaxRunes(5)"],
    ],
    [
      "a shorter minimum",
      { ...text, minLength: 5 },
      { ...text, minLength: 2 },
      ["feature values.a bound-loosened: strings.MinRunes(5) → strings.MinRunes(2)"],
    ],
    [
      "another pattern",
      { ...text, pattern: "^a" },
      { ...text, pattern: "^b" },
      ['breaking? values.a pattern-changed: =~"^a" → =~"^b"'],
    ],
    [
      "a pattern more",
      { ...text, pattern: "^a" },
      { ...text, pattern: "^a", allOf: [{ pattern: "z$" }] },
      ['breaking values.a pattern-added: - → =~"z$"'],
    ],
    [
      "a pattern less",
      { ...text, pattern: "^a" },
      text,
      ['feature values.a pattern-removed: =~"^a" → -'],
    ],
    [
      "an excluded value",
      text,
      { ...text, not: { const: "x" } },
      ['breaking values.a check-added: - → !="x"'],
    ],
    [
      "a check that is only named",
      text,
      { ...text, $comment: "also checked: net.IP" },
      ["breaking values.a check-added: - → net.IP"],
    ],
    [
      "another default",
      { ...int, default: 1 },
      { ...int, default: 2 },
      ["feature values.a default-changed: 1 → 2"],
    ],
    [
      "a default for a list",
      { type: "array", default: [] },
      { type: "array", default: ["x"] },
      ['feature values.a default-changed: [] → ["x"]'],
    ],
    [
      "a list with other elements",
      { type: "array", items: text },
      { type: "array", items: int },
      ["breaking values.a[] type-narrowed: string → int"],
    ],
    [
      "fewer elements",
      { type: "array", items: text },
      { type: "array", items: text, maxItems: 2 },
      ["breaking values.a bound-tightened: - → list.MaxItems(2)"],
    ],
    [
      "elements that are unique",
      { type: "array" },
      { type: "array", uniqueItems: true },
      ["breaking values.a check-added: - → list.UniqueItems"],
    ],
    [
      "a list that ends",
      { type: "array", prefixItems: [text] },
      { type: "array", prefixItems: [text], items: false },
      ["breaking values.a[] field-removed: _ → -"],
    ],
    [
      "other fields",
      object,
      { type: "object", additionalProperties: text },
      ["feature values.a[string] field-added: - → string"],
    ],
    [
      "no other fields",
      { type: "object" },
      object,
      ["breaking values.a[string] field-removed: _ → -"],
    ],
    [
      "named fields that have become others",
      { ...object, properties: { b: text } },
      { type: "object", additionalProperties: int },
      [
        "breaking values.a.b type-narrowed: string → int",
        "feature values.a[string] field-added: - → int",
      ],
    ],
    [
      "fields with other names",
      { type: "object", propertyNames: { pattern: "^a" } },
      { type: "object", propertyNames: { pattern: "^b" } },
      ['breaking? values.a[string] pattern-changed: =~"^a" → =~"^b"'],
    ],
    [
      "a field among names",
      {
        type: "object",
        properties: { b: text },
        propertyNames: { anyOf: [{ enum: ["b"] }, { pattern: "^x" }] },
      },
      {
        type: "object",
        properties: { b: text, "c.d": text },
        propertyNames: { anyOf: [{ enum: ["b", "c.d"] }, { pattern: "^x" }] },
      },
      ['feature values.a."c.d" field-added: - → string'],
    ],
    [
      "fields by pattern",
      { ...object, patternProperties: { "^x": text } },
      { ...object, patternProperties: { "^x": int, "^y": int } },
      [
        'breaking values.a[=~"^x"] type-narrowed: string → int',
        'feature values.a[=~"^y"] field-added: - → int',
      ],
    ],
    ["what the build sets", undefined, { ...text, $comment: "set when the instance is built" }, []],
    ["words", { ...text, description: "a" }, { ...text, description: "b" }, []],
  ])("finds %s", (_, before, after, found) => {
    expect(changesOf(before, after)).toEqual(found);
  });

  const withFields = (properties: Schema, required: string[] = []): Schema => ({
    ...object,
    properties,
    required,
  });

  it("tells what has to be set by the innermost fields", () => {
    const tls = withFields({ secret: text, port: int }, ["secret"]);
    expect(compare(withFields({}), withFields({ tls }, ["tls"]))).toEqual([
      "breaking values.tls.secret required-field-added: - → string",
    ]);
    const optional = { ...tls, required: [] };
    expect(compare(withFields({ tls: optional }), withFields({ tls }, ["tls"]))).toEqual([
      "breaking values.tls.secret now-required: - → string",
    ]);
    expect(compare(withFields({ tls }, ["tls"]), withFields({ tls: optional }))).toEqual([
      "feature values.tls.secret now-optional: string → -",
    ]);
    expect(compare(withFields({ tls }), withFields({ tls }, ["tls"]))).toEqual([
      "breaking values.tls now-required: - → {...}",
    ]);
  });

  it("does not tell a default of a field that has to be set now", () => {
    const before = withFields({ a: { ...int, default: 1 } });
    expect(compare(before, withFields({ a: int }, ["a"]))).toEqual([
      "breaking values.a now-required: - → int",
    ]);
  });

  it("compares alternatives of the same type with each other", () => {
    const port = { ...int, minimum: 1 };
    expect(
      changesOf(
        { anyOf: [{ enum: ["http"] }, port, withFields({ x: text })] },
        { anyOf: [{ enum: ["https"] }, { ...port, minimum: 2 }, withFields({ x: text, y: text })] },
      ),
    ).toEqual([
      'breaking values.a value-removed: "http" → -',
      'feature values.a value-added: - → "https"',
      "breaking values.a bound-tightened: >=1 → >=2",
      "feature values.a.y field-added: - → string",
    ]);
  });

  it("tells of fields that are called as what every JavaScript object has", () => {
    expect(compare(withFields({ toString: text }), withFields({ constructor: int }))).toEqual([
      "breaking values.toString field-removed: string → -",
      "feature values.constructor field-added: - → int",
    ]);
  });

  it("comes to an end for schemas inside themselves", () => {
    const tree = { $ref: "#/$defs/tree" };
    const defs = { tree: withFields({ label: text, children: { type: "array", items: tree } }) };
    expect(compare(withFields({ tree }), withFields({ tree }), defs)).toEqual([]);
    const inline = withFields({ label: int, children: { type: "array", items: tree } });
    expect(compare(withFields({ tree }), withFields({ tree: inline }), defs)).toEqual([
      "breaking values.tree.label type-narrowed: string → int",
    ]);
  });
});
