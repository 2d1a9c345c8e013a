import { describe, expect, it } from "vitest";

import { NotJsonError, printJson } from "./print-json.ts";

describe("printJson()", () => {
  it("prints plain values on one line, as JSON.stringify does", () => {
    const value = { a: [1, -0.5, 1e21, "ü\n", null, true, {}], b: undefined, "c d": { e: [] } };
    expect(printJson(value)).toBe(JSON.stringify(value));
  });

  it("prints integers of any size", () => {
    expect(printJson({ n: 2n ** 64n })).toBe('{"n":18446744073709551616}');
  });

  it("prints a value that is there twice, and rejects one that is in itself", () => {
    const shared = { a: 1 };
    expect(printJson([shared, shared])).toBe('[{"a":1},{"a":1}]');
    const around: Record<string, unknown> = {};
    around["in"] = { around };
    expect(pathOf(around)).toEqual(["in", "around"]);
  });

  it.each([
    [new Date(0), "an object of Date is no JSON value"],
    [() => 1, "a function is no JSON value"],
    [Number.NaN, "NaN is no JSON value"],
    [undefined, "undefined is no JSON value"],
    [Symbol("x"), "a symbol is no JSON value"],
  ])("rejects %s in a list", (value, text) => {
    expect(() => printJson({ list: [1, value] })).toThrow(text);
    expect(pathOf({ list: [1, value] })).toEqual(["list", 1]);
  });
});

function pathOf(value: unknown): readonly (string | number)[] {
  try {
    printJson(value);
  } catch (error) {
    if (error instanceof NotJsonError) return error.path;
    throw error;
  }
  throw new Error("it was printed");
}
