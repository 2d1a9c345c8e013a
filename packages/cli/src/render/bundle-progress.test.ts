import type { BundleEvent } from "@tenon/deploy";
import { KubeError } from "@tenon/kube";
import picocolors from "picocolors";
import { describe, expect, it } from "vitest";

import { fakeIo } from "../fake-io.ts";
import { progressListener } from "./progress.ts";
import { createTalk } from "./talk.ts";

const plain = picocolors.createColors(false);
const web = { bundle: "shop", cluster: "staging", instance: "web" };
const redis = { bundle: "shop", cluster: "_default", instance: "redis" };
const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "apps", name: "web" };

const events: readonly BundleEvent[] = [
  { type: "bundle-started", bundle: "shop", cluster: "staging", operation: "apply", instances: 2 },
  { type: "instance-started", place: web, operation: "apply" },
  { type: "instance-started", place: redis, operation: "apply" },
  {
    type: "instance-event",
    place: web,
    event: { type: "change", change: { ref, action: "created", fields: [] } },
  },
  {
    type: "instance-event",
    place: web,
    event: { type: "waiting", what: "ready", refs: [ref], timeoutMs: 1000 },
  },
  { type: "instance-event", place: web, event: { type: "warning", ref, text: "old version" } },
  { type: "instance-ended", place: web, outcome: { state: "done" }, milliseconds: 2500 },
  { type: "wave-ready", bundle: "shop", wave: "canary", soakMs: 30_000 },
  {
    type: "instance-ended",
    place: redis,
    outcome: { state: "failed", error: new KubeError("KUBE_NOT_READY", "Cannot become ready") },
    milliseconds: 100,
  },
  {
    type: "instance-ended",
    place: { ...redis, instance: "api" },
    outcome: { state: "skipped", because: { type: "dependency", on: "redis" } },
    milliseconds: 0,
  },
  {
    type: "cluster-failed",
    bundle: "shop",
    cluster: "eu",
    error: new KubeError("KUBE_UNREACHABLE", "Cannot reach it"),
  },
];

describe("progressListener() with a bundle", () => {
  it("prints lines that name the cluster and the instance", () => {
    const { printed, done } = listen(false);
    expect(printed).toMatchInlineSnapshot(`
      "b:shop c:staging applying 2 instances
      b:shop c:staging i:web applying
      b:shop i:redis applying
      b:shop c:staging i:web waiting for 1 resource to become ready
      warning: b:shop c:staging i:web Deployment/apps/web: old version
      b:shop c:staging i:web done in 2.5s
      b:shop wave canary is ready, watching it for 30s
      b:shop i:redis failed [KUBE_NOT_READY] in 100ms
      b:shop i:api skipped
      b:shop c:eu failed [KUBE_UNREACHABLE]
      "
    `);
    expect(done).toEqual(["web: Deployment/apps/web created"]);
  });

  it("shows all that goes on in one line of a terminal", () => {
    const { printed } = listen(true);
    const lines = printed.split("\u001b[2K").map((line) => line.replaceAll("\r", "⏎"));
    expect(lines).toMatchInlineSnapshot(`
      [
        "b:shop c:staging applying 2 instances
      ⏎",
        "0/2 c:staging i:web applying⏎",
        "0/2 c:staging i:web applying · i:redis applying⏎",
        "0/2 c:staging i:web Deployment/apps/web created · i:redis applying⏎",
        "0/2 c:staging i:web waiting for 1 resource to become ready · i:redis applying⏎",
        "warning: b:shop c:staging i:web Deployment/apps/web: old version
      ⏎",
        "0/2 c:staging i:web waiting for 1 resource to become ready · i:redis applying⏎",
        "b:shop c:staging i:web done in 2.5s
      ⏎",
        "1/2 i:redis applying⏎",
        "b:shop wave canary is ready, watching it for 30s
      ⏎",
        "1/2 i:redis applying⏎",
        "b:shop i:redis failed [KUBE_NOT_READY] in 100ms
      b:shop i:api skipped
      b:shop c:eu failed [KUBE_UNREACHABLE]
      ",
      ]
    `);
  });
});

function listen(live: boolean): { printed: string; done: string[] } {
  const { io, stderr } = fakeIo({ isTTY: live });
  const done: string[] = [];
  const talk = createTalk(io, plain, false);
  const listener = progressListener({ talk, paint: plain, live, done, dryRun: false });
  for (const event of events) listener(event);
  return { printed: stderr.join(""), done };
}
