import { describe, expect, it } from "vitest";

import type { Flag } from "./define-command.ts";
import { normalizeArgv } from "./normalize-argv.ts";

const flags: Readonly<Record<string, Flag>> = {
  version: { type: "string", short: "v", summary: "" },
  values: { type: "strings", short: "f", summary: "" },
  wait: { type: "boolean", short: "w", summary: "", default: true },
  all: { type: "boolean", short: "A", summary: "" },
};

describe("normalizeArgv()", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["-v 1.0.0", "--version=1.0.0"],
    ["-v1.0.0", "--version=1.0.0"],
    ["-v=1.0.0", "--version=1.0.0"],
    ["--version 1.0.0", "--version=1.0.0"],
    ["-f -", "--values=-"],
    ["-v --wait", "--version=--wait"],
    ["--wait=false", "--wait=false"],
    ["--wait=T", "--wait"],
    ["--no-wait", "--wait=false"],
    ["-Aw x", "--all --wait x"],
    ["-Av1 x", "--all --version=1 x"],
    ["a - b", "a - b"],
    ["a -- -v", "a -- -v"],
  ];
  for (const [given, expected] of cases) {
    it(`reads ${given}`, () => {
      expect(normalizeArgv("x", flags, given.split(" ")).join(" ")).toBe(expected);
    });
  }

  it("rejects a word that only looks like a flag's name", () => {
    expect(() => normalizeArgv("x", flags, ["--constructor"])).toThrow(
      "Unknown flag --constructor",
    );
    expect(() => normalizeArgv("x", flags, ["-values", "a"])).toThrow("Unknown flag -values");
  });
});
