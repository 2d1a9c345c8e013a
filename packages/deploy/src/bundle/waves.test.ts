import { hasCode } from "@tenon/core";
import type { BundleWave } from "@tenon/schema";
import { describe, expect, it } from "vitest";

import { instanceGraph } from "./graph.ts";
import { checkWaveOrder, planWaves } from "./waves.ts";

const instances = ["redis", "web"];
const waves: readonly BundleWave[] = [
  { name: "canary", clusters: ["staging"], instances: ["web"], soakMs: 1000 },
  { name: "first", clusters: ["staging"], soakMs: 0 },
  { name: "data", instances: ["redis"], soakMs: 0 },
];

describe("planWaves()", () => {
  it("puts each pair into the first wave that matches, and the others last", () => {
    const plan = planWaves([
      { cluster: "staging", instances, waves },
      { cluster: "production", instances, waves },
    ]);
    expect(plan.waves.map(({ name }) => name)).toEqual(["canary", "first", "data", "others"]);
    expect(plan.waves[0]?.soakMs).toBe(1000);
    const pairs = ["staging", "production"].flatMap((cluster) =>
      instances.map((name) => [cluster, name, plan.waveOf(cluster, name)]),
    );
    expect(pairs).toEqual([
      ["staging", "redis", 1],
      ["staging", "web", 0],
      ["production", "redis", 2],
      ["production", "web", 3],
    ]);
  });

  it("has one wave when none is declared", () => {
    const plan = planWaves([{ cluster: "_default", instances, waves: [] }]);
    expect(plan.waves.length).toBe(1);
    expect(plan.waveOf("_default", "web")).toBe(0);
  });
});

describe("checkWaveOrder()", () => {
  const graph = instanceGraph("shop", [
    { name: "web", namespace: "shop", dependsOn: ["redis"] },
    { name: "redis", namespace: "shop", dependsOn: [] },
  ]);

  it("rejects an instance that goes before what it needs", () => {
    const plan = planWaves([{ cluster: "staging", instances, waves }]);
    let error: unknown;
    try {
      checkWaveOrder("shop", graph, { cluster: "staging", plan });
    } catch (thrown) {
      error = thrown;
    }
    expect(hasCode(error, "DEPLOY_WAVE_ORDER")).toBe(true);
    expect((error as Error).message).toBe(
      "Cannot order bundle shop: web in wave canary needs redis in wave first, which starts later",
    );
  });

  it("accepts the same wave and earlier ones", () => {
    const plan = planWaves([{ cluster: "production", instances, waves }]);
    expect(() => checkWaveOrder("shop", graph, { cluster: "production", plan })).not.toThrow();
  });
});
