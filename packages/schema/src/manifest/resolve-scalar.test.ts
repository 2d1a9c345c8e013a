import { describe, expect, it } from "vitest";

import { resolveScalar } from "./resolve-scalar.ts";

describe("resolveScalar()", () => {
  it.each([
    ["yes", true],
    ["Off", false],
    ["N", false],
    ["oN", "oN"],
    ["~", null],
    ["", null],
    ["NULL", null],
    ["0", "number 0"],
    ["0644", "number 420"],
    ["0o644", "number 420"],
    ["0x1F", "number 31"],
    ["0b101", "number 5"],
    ["-0b11", "number -3"],
    ["08", "number 8"],
    ["1_000", "number 1000"],
    ["+7", "number 7"],
    ["18446744073709551615", "number 18446744073709551615"],
    ["9007199254740993", "number 9007199254740993"],
    ["1.50", "number 1.5"],
    [".5", "number 0.5"],
    ["1e3", "number 1000"],
    ["1.2.3", "1.2.3"],
    ["12:30", "12:30"],
    ["2001-01-01", "2001-01-01"],
    ["1Gi", "1Gi"],
    ["1e999", "1e999"],
    ["-", "-"],
    ["_1", "_1"],
  ])("%s", (text, wanted) => {
    const found = resolveScalar(text);
    const value = found.kind === "null" ? null : found.value;
    expect(found.kind === "number" ? `number ${value}` : value).toBe(wanted);
  });
});
