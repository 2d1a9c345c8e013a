import { describe, expect, it } from "vitest";

import { parseLive } from "./live-object.ts";

describe("parseLive()", () => {
  it("keeps the digits of integers that JavaScript would round", () => {
    const text =
      '{"a":9007199254740993,"b":[-9007199254740993, 1],"c":1234567890123456,"d":1.5e300}';
    expect(parseLive(text)).toEqual({
      a: "9007199254740993",
      b: ["-9007199254740993", 1],
      c: 1234567890123456,
      d: 1.5e300,
    });
  });

  it("leaves strings alone", () => {
    const text = '{"a":"x: 9007199254740993, \\": 9007199254740993","b":9007199254740993}';
    expect(parseLive(text)).toEqual({
      a: 'x: 9007199254740993, ": 9007199254740993',
      b: "9007199254740993",
    });
  });
});
