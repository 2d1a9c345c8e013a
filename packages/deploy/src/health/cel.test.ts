import { describe, expect, it } from "vitest";

import { parseCel } from "./cel.ts";

const object = {
  apiVersion: "example.com/v1",
  kind: "Database",
  metadata: { name: "main", generation: 3, annotations: { tier: "gold" } },
  spec: { replicas: 2, zones: ["a", "b"], nothing: null },
  status: {
    replicas: 2,
    ratio: 0.5,
    phase: "Ready",
    conditions: [
      { type: "Ready", status: "True", observedGeneration: 3 },
      { type: "Degraded", status: "False" },
    ],
  },
};

function evaluate(expressions: { current?: string; failed?: string; inProgress?: string }): string {
  const parsed = parseCel({ current: "false", ...expressions });
  if ("problems" in parsed) return `problem: ${parsed.problems.map(({ text }) => text).join("; ")}`;
  try {
    return parsed.check.evaluate(object);
  } catch (error) {
    return `error: ${(error as Error).message.split("\n")[0]}`;
  }
}

describe("parseCel()", () => {
  it.each([
    "status.phase == 'Ready'",
    "self.status.phase == 'Ready'",
    "status.replicas >= spec.replicas",
    "status.replicas + 1 == 3",
    "status.replicas * 2 > 3",
    "status.ratio < 0.6",
    "status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')",
    "status.conditions.filter(c, c.type == 'Ready').all(c, c.observedGeneration == metadata.generation)",
    "has(status.phase) && !has(status.error)",
    "status.?error.orValue('none') == 'none'",
    "'tier' in metadata.annotations",
    "size(spec.zones) == 2 && spec.zones[1] == 'b'",
    "metadata.name.matches('^ma')",
    "duration('90s') > duration('1m')",
    "kind == 'Database'",
    "spec.nothing == null",
  ])("finds %s true", (current) => expect(evaluate({ current })).toBe("current"));

  it.each([
    "status.phase == 'Broken'",
    "status.error == 'x'",
    "statsu.phase == 'Ready'",
    "status.conditions[5].type == 'Ready'",
    "metadata.annotations['other'] == 'x'",
    "spec.nothing.inside == 'x'",
    "status.replicas == '2'",
  ])("counts %s as false", (current) => expect(evaluate({ current })).toBe("waiting"));

  it("goes by inProgress, then failed, then current", () => {
    expect(evaluate({ inProgress: "true", failed: "true", current: "true" })).toBe("inProgress");
    expect(evaluate({ inProgress: "status.x", failed: "true", current: "true" })).toBe("failed");
    expect(evaluate({ inProgress: "false", failed: "false", current: "true" })).toBe("current");
  });

  it.each([
    ["1 +", "problem: Unexpected token: EOF"],
    ["nothing(status)", "problem: found no matching overload for 'nothing(dyn)'"],
    ["'Ready'", "problem: it is string, not true or false"],
    ["'a' + 1 == 'b'", "problem: no such overload: string + int"],
    ["status.replicas", "error: an expression is neither true nor false"],
    ["status.replicas / 0 == 1", "error: division by zero"],
    ["status.phase + 1 == 2", "error: no such overload: dyn<string> + int"],
  ])("does not take %s for false", (current, told) => expect(evaluate({ current })).toBe(told));

  it("names every field that does not parse", () => {
    const parsed = parseCel({ current: "1 +", failed: "true", inProgress: "(" });
    const fields = "problems" in parsed ? parsed.problems.map(({ field }) => field) : [];
    expect(fields).toEqual(["inProgress", "current"]);
  });
});
