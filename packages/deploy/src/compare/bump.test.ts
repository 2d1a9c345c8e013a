import { describe, expect, it } from "vitest";

import { bumpBetween, bumpFor, bumped, isEnough } from "./bump.ts";

describe("bumpFor()", () => {
  it.each([
    [[], "1.2.3", "none"],
    [["fix"], "1.2.3", "patch"],
    [["fix", "feature"], "1.2.3", "minor"],
    [["feature", "breaking"], "1.2.3", "major"],
    [["breaking"], undefined, "major"],
    [["breaking"], "0.2.3", "minor"],
    [["feature"], "0.2.3", "patch"],
  ] as const)("for %j after %s is %s", (impacts, version, bump) => {
    expect(bumpFor(impacts, version)).toBe(bump);
  });
});

describe("bumpBetween()", () => {
  it.each([
    ["1.2.3", "2.0.0", "major"],
    ["1.2.3", "2.0.0-rc.1", "major"],
    ["1.2.3", "1.3.0-rc.1", "minor"],
    ["1.2.3", "1.2.4", "patch"],
    ["1.2.3", "1.2.3", "none"],
  ])("from %s to %s is %s", (before, after, bump) => {
    expect(bumpBetween(before, after)).toBe(bump);
  });
});

it("isEnough() takes a larger bump than is needed", () => {
  expect(isEnough("major", "minor")).toBe(true);
  expect(isEnough("patch", "patch")).toBe(true);
  expect(isEnough("none", "patch")).toBe(false);
});

it("bumped() is the next version", () => {
  expect(bumped("1.2.3", "minor")).toBe("1.3.0");
  expect(bumped("1.2.3", "none")).toBe("1.2.3");
});
