import { describe, expect, it } from "vitest";

import { type TypeSchema, typescriptType } from "./typescript-type.ts";

describe("typescriptType()", () => {
  it.each<[TypeSchema, string]>([
    [{}, "unknown"],
    [{ type: "integer" }, "number"],
    [{ type: ["string", "integer"] }, "string | number"],
    [{ enum: ["Always", "Never", null, 1] }, '"Always" | "Never" | null | 1'],
    [{ const: true }, "true"],
    [{ const: { a: 1 } }, "unknown"],
    [{ type: "array" }, "readonly unknown[]"],
    [{ type: "array", items: { type: ["string", "null"] } }, "readonly (string | null)[]"],
    [
      { type: "array", prefixItems: [{ type: "string" }], items: { type: "boolean" } },
      "readonly [string, ...boolean[]]",
    ],
    [{ type: "array", prefixItems: [{ type: "string" }], items: false }, "readonly [string]"],
    [{ type: "object", additionalProperties: false }, "{}"],
    [{ anyOf: [{ type: "string" }, {}] }, "unknown"],
    [{ type: "string", anyOf: [{ description: "a" }, { description: "b" }] }, "string"],
    [
      { anyOf: [{ type: "string" }, { type: "number" }], allOf: [{ enum: ["a", 1] }] },
      '(string | number) & ("a" | 1)',
    ],
    [{ $ref: "#/$defs/tree" }, "unknown"],
  ])("%j", (schema, type) => {
    expect(typescriptType(schema)).toBe(type);
  });

  it("writes members with their comments, and others as what there may be besides", () => {
    const schema = {
      type: "object",
      required: ["message"],
      additionalProperties: false,
      properties: {
        message: { type: "string", description: "What it says.\n\nTwice: */" },
        "app.kubernetes.io/name": { type: "string", default: "x" },
        labels: { type: "object", additionalProperties: { type: "string" } },
        open: { type: "object", properties: { a: { type: "string" } } },
      },
    };
    expect(typescriptType(schema, "  ")).toBe(`{
    /**
     * What it says.
     *
     * Twice: *\\/
     */
    readonly message: string;
    /** @default "x" */
    readonly "app.kubernetes.io/name"?: string;
    readonly labels?: {
      readonly [key: string]: string;
    };
    readonly open?: {
      readonly a?: string;
      readonly [key: string]: unknown;
    };
  }`);
  });
});
