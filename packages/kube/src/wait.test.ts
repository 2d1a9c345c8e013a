import type { KubeObjectView } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { type HealthCheck, liveStatus } from "./wait.ts";

const says =
  (message: string): HealthCheck =>
  () => ({ status: "InProgress", message });

const checks = new Map([
  ["x.io/Thing", says("exact")],
  ["x.io", says("group")],
  ["batch", says("jobs")],
  [
    "broken.io",
    () => {
      throw new Error("no such field");
    },
  ],
]);

async function told(apiVersion: string, kind: string, metadata: object = {}): Promise<string> {
  const view: KubeObjectView = { apiVersion, kind, metadata: { name: "x", ...metadata } };
  const { status, message } = await liveStatus(view, 0, checks);
  return `${status} ${message}`;
}

describe("liveStatus()", () => {
  it("goes by the check for the kind, then by the one for the group, then by its own rules", async () => {
    expect(await told("x.io/v1", "Thing")).toBe("InProgress exact");
    expect(await told("x.io/v1beta1", "Other")).toBe("InProgress group");
    expect(await told("batch/v1", "Job")).toBe("InProgress jobs");
    expect(await told("y.io/v1", "Thing")).toBe("Current Resource is current");
    expect(await told("v1", "ConfigMap")).toBe("Current Resource is always ready");
  });

  it("asks no check about what is on its way out", async () => {
    expect(await told("x.io/v1", "Thing", { deletionTimestamp: "t" })).toBe(
      "Terminating Resource scheduled for deletion",
    );
  });

  it("does not know the status when the check fails", async () => {
    expect(await told("broken.io/v1", "Thing")).toBe(
      "Unknown its health check failed: no such field",
    );
  });

  it("gives the check the object as JSON", async () => {
    const seen: string[] = [];
    const check: HealthCheck = (json) => {
      seen.push(json);
      return { status: "Current", message: "" };
    };
    const view: KubeObjectView = { apiVersion: "x.io/v1", kind: "Thing", metadata: { name: "x" } };
    await liveStatus(view, 0, new Map([["x.io", check]]));
    expect(seen.map((json) => JSON.parse(json) as unknown)).toEqual([view]);
  });
});
