import type { ModuleHealthChecks } from "@tenon/schema";
import { describe, expect, it } from "vitest";

import { checksForRecord } from "./recorded-checks.ts";

const place = { dir: "", package: "main" };
const inCue: ModuleHealthChecks = {
  ...place,
  checks: [{ name: "a", group: "a.b", kind: "C" }],
  files: { "timoni.cue": 'x: "token"' },
  texts: ["token-12345"],
};
const inCel: ModuleHealthChecks = {
  ...place,
  checks: [{ name: "a", group: "a.b", cel: { current: "status.id == 'token-12345'" } }],
};
const onlyNames = { ...place, checks: [{ name: "a", group: "a.b", kind: "C" }] };

describe("checksForRecord()", () => {
  it.each([
    ["no secrets", []],
    ["secrets that have nothing to do with it", ["hunter2", "Ready", "tok"]],
    ["a secret that is a part of a text", ["token"]],
  ])("keeps files when there are %s", (_, words) => {
    const { texts: __, ...kept } = inCue;
    expect(checksForRecord(inCue, words)).toEqual(kept);
  });

  it.each([
    ["is a secret", ["token-12345"]],
    ["is a part of a secret", ["postgres://token-12345@db"]],
  ])("keeps no files with a text that %s", (_, words) => {
    expect(checksForRecord(inCue, words)).toEqual(onlyNames);
  });

  it("keeps no CEL with a secret in it", () => {
    expect(checksForRecord(inCel, ["hunter2"])).toEqual(inCel);
    const [check] = checksForRecord(inCel, ["token-12345"]).checks;
    expect(check?.cel).toBeUndefined();
  });
});
