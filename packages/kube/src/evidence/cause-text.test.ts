import { describe, expect, it } from "vitest";

import { causeHead, causeLines } from "./cause-text.ts";
import type { Cause } from "./cause.ts";

function cause(kind: string, name: string, more: Partial<Cause> = {}): Cause {
  return {
    ref: { apiVersion: "v1", kind, namespace: "apps", name },
    status: { status: "InProgress", message: "not yet" },
    conditions: [],
    events: [],
    children: [],
    ...more,
  };
}

const crashing = (name: string, log: string[]) =>
  cause("Pod", name, {
    containers: [
      { name: "app", state: "waiting", reason: "CrashLoopBackOff", exitCode: 1, restarts: 3, log },
    ],
  });

describe("causeLines()", () => {
  it("tells of pods that fare alike once, with the end of the log", () => {
    const log = Array.from({ length: 12 }, (_, index) => `line ${index}`);
    const pods = ["a", "b", "c"].map((name) => crashing(name, log));
    const web = cause("Deployment", "web", {
      children: [cause("ReplicaSet", "web-1", { children: pods, more: 4 })],
      unread: ["Cannot list events in apps: no answer in time"],
    });
    expect(causeHead(web)).toBe(
      "Deployment/apps/web InProgress: not yet (Pod/a: container app CrashLoopBackOff, exit code 1, restarted 3 times)",
    );
    expect(causeLines(web).join("\n")).toMatchInlineSnapshot(`
      "└ ReplicaSet/web-1 InProgress: not yet
        └ Pod/a: container app CrashLoopBackOff, exit code 1, restarted 3 times
          log of app:
            line 2
            line 3
            line 4
            line 5
            line 6
            line 7
            line 8
            line 9
            line 10
            line 11
        └ and 6 more that are not ready
      Cannot list events in apps: no answer in time"
    `);
  });

  it("tells what conditions say where there are no events", () => {
    const conditions = [
      { type: "Issued", status: "False", reason: "Denied", message: "no such issuer" },
      { type: "Seen", status: "True", message: "it was seen" },
    ];
    expect(causeLines(cause("Certificate", "web", { conditions }))).toEqual([
      "Issued: Denied: no such issuer",
    ]);
  });

  it("tells events that differ in names alone once", () => {
    const event = (message: string) => ({
      type: "Warning",
      reason: "FailedCreate",
      message,
      count: 1,
      last: "",
    });
    const events = [
      event('pods "a" is forbidden'),
      { ...event("Scaled"), type: "Normal" },
      event('(combined from similar events): pods "b" is forbidden'),
    ];
    expect(causeLines(cause("ReplicaSet", "web", { events }))).toEqual([
      'FailedCreate: pods "b" is forbidden',
    ]);
  });

  it("tells the newest attempt to schedule alone, and each mount that fails", () => {
    const event = (reason: string, message: string) => ({
      type: "Warning",
      reason,
      message,
      count: 1,
      last: "",
    });
    const events = [
      event("FailedScheduling", 'persistentvolumeclaim "web" not found'),
      event("FailedScheduling", "unbound immediate PersistentVolumeClaims"),
      event("FailedMount", "no ConfigMap for volume a"),
      event("FailedMount", "no Secret for volume b"),
    ];
    expect(causeLines(cause("Pod", "web", { events }))).toEqual([
      "FailedScheduling: unbound immediate PersistentVolumeClaims",
      "FailedMount: no ConfigMap for volume a",
      "FailedMount: no Secret for volume b",
    ]);
  });
});

describe("causeHead()", () => {
  it("says nothing twice", () => {
    const message = "Pod/a: container app CrashLoopBackOff";
    const status = { status: "Failed", message } as const;
    const web = cause("Deployment", "web", { status, children: [crashing("a", [])] });
    expect(causeHead(web)).toBe(
      "Deployment/apps/web Failed: Pod/a: container app CrashLoopBackOff, exit code 1, restarted 3 times",
    );
  });
});
