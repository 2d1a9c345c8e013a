import type { DeployEvent } from "@tenon/deploy";
import type { Change } from "@tenon/kube";
import picocolors from "picocolors";
import { describe, expect, it } from "vitest";

import { fakeIo } from "../fake-io.ts";
import { changeLines, summaryOf } from "./changes.ts";
import { formatResult } from "./format-result.ts";
import { progressListener } from "./progress.ts";
import { table } from "./table.ts";
import { createTalk } from "./talk.ts";

const plain = picocolors.createColors(false);
const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "apps", name: "web" };

describe("changeLines()", () => {
  it("shows actions, and fields where they are asked for", () => {
    const changes: Change[] = [
      {
        ref,
        action: "configured",
        recreated: true,
        fields: [
          { path: "spec.replicas", before: 1, after: 2 },
          { path: "metadata.labels.x", after: "y" },
          { path: "spec.paused", before: true },
          { path: "data.text", before: "a\nb\nc\nd\n", after: "a\nb\nC\nd\n" },
        ],
      },
      {
        ref: { apiVersion: "v1", kind: "Namespace", name: "apps" },
        action: "skipped",
        reason: "prune is disabled",
        fields: [],
      },
    ];
    const view = { suffix: " (dry run)", fields: true };
    expect(changeLines(changes, view, plain).join("\n")).toMatchInlineSnapshot(`
      "Deployment/apps/web configured (recreated) (dry run)
        ~ spec.replicas: 1 → 2
        + metadata.labels.x: "y"
        - spec.paused: true
        ~ data.text:
            a
            b
          - c
          + C
            d
        
      Namespace/apps skipped (prune is disabled) (dry run)"
    `);
    expect(summaryOf(changes)).toBe("1 configured, 1 skipped");
    expect(summaryOf([])).toBe("nothing to do");
  });
});

describe("formatResult()", () => {
  it("prints data as JSON and as YAML with sorted keys", async () => {
    const result = { data: { b: "x", a: [1, undefined], c: undefined }, text: "hi" };
    expect(await formatResult(result, "text")).toBe("hi\n");
    expect(JSON.parse(await formatResult(result, "json"))).toEqual({ b: "x", a: [1, null] });
    expect(await formatResult(result, "yaml")).toBe("a:\n  - 1\n  - null\nb: x\n");
    expect(await formatResult({ raw: "{}" }, "json")).toBe("{}");
  });
});

describe("table()", () => {
  it("pads columns and prints the header alone when there is nothing", () => {
    expect(table(["NAME", "X"], [["longer-name", "1"]])).toBe("NAME         X\nlonger-name  1\n");
    expect(table(["NAME"], [])).toBe("NAME\n");
  });
});

describe("progressListener()", () => {
  const listen = (
    isTTY: boolean,
    dryRun: boolean,
  ): { tell: (event: DeployEvent) => void; stderr: string[]; done: string[] } => {
    const { io, stderr } = fakeIo({ isTTY });
    const done: string[] = [];
    const talk = createTalk(io, plain, false);
    return {
      tell: progressListener({ talk, paint: plain, live: isTTY, done, dryRun }),
      stderr,
      done,
    };
  };
  const change: Change = { ref, action: "created", fields: [] };

  it("collects what was done, and nothing of a dry run", () => {
    const real = listen(false, false);
    real.tell({ type: "namespace-created", namespace: "apps" });
    real.tell({ type: "change", change });
    real.tell({ type: "change", change: { ...change, action: "unchanged" } });
    expect(real.done).toEqual(["Namespace/apps created", "Deployment/apps/web created"]);
    const dry = listen(false, true);
    dry.tell({ type: "change", change });
    expect([...dry.done, ...dry.stderr]).toEqual([]);
  });

  it("tells of objects that were not ready, without control characters of others", () => {
    const { tell, stderr } = listen(false, false);
    const current = { status: "Current", message: "ok" } as const;
    tell({ type: "status", ref: { ...ref, name: "ready" }, status: current });
    tell({ type: "status", ref, status: { status: "InProgress", message: "0/1\u001b[31m" } });
    tell({ type: "waiting", what: "ready", refs: [ref], timeoutMs: 1000 });
    tell({ type: "status", ref, status: current });
    tell({ type: "ready", objects: 2 });
    expect(stderr.join("")).toMatchInlineSnapshot(`
      "Deployment/apps/web InProgress: 0/1[31m
      waiting for 1 resource to become ready
      Deployment/apps/web Current: ok
      resources are ready
      "
    `);
  });
});

describe("createTalk()", () => {
  it("replaces progress in place on a terminal", () => {
    const { io, stderr } = fakeIo({ isTTY: true });
    const talk = createTalk(io, plain, false);
    talk.progress("one");
    talk.progress("two");
    talk.say("done");
    expect(stderr.join("")).toBe("\r\u001b[2Kone\r\u001b[2Ktwo\r\u001b[2Kdone\n");
  });

  it("prints lines elsewhere, each once, and only warnings when quiet", () => {
    const { io, stderr } = fakeIo();
    const talk = createTalk(io, plain, false);
    talk.progress("one");
    talk.progress("one");
    expect(stderr.join("")).toBe("one\n");
    const quiet = createTalk(io, plain, true);
    quiet.progress("two");
    quiet.say("three");
    quiet.warn("four");
    expect(stderr.join("")).toBe("one\nwarning: four\n");
  });
});
