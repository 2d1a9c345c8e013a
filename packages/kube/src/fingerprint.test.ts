import type { KubeObjectView } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { fingerprintEntry, fingerprintOf } from "./fingerprint.ts";
import type { PreparedObject } from "./prepare.ts";

const own = { manager: "tenon", operation: "Apply", fieldsV1: { "f:spec": {} } };
const controller = {
  manager: "controller",
  operation: "Update",
  subresource: "status",
  fieldsV1: { "f:metadata": { "f:annotations": { "f:revision": {} } }, "f:status": {} },
};

function view(metadata: object, more: object = {}): KubeObjectView {
  const base = { name: "x", uid: "u", generation: 1, resourceVersion: "1", managedFields: [own] };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...base, ...metadata }, ...more };
}

describe("fingerprintOf()", () => {
  const base = fingerprintOf(view({}));

  it("does not see the status, nor what is written together with it", () => {
    const managers = [own, controller];
    const metadata = {
      resourceVersion: "9",
      managedFields: managers,
      annotations: { revision: "1" },
    };
    expect(fingerprintOf(view(metadata, { status: { replicas: 1 } }))).toBe(base);
  });

  it.each([
    { generation: 2 },
    { uid: "v" },
    { labels: { a: "b" } },
    { annotations: { revision: "1" } },
    { finalizers: ["f"] },
    { ownerReferences: [{ uid: "o" }] },
    { deletionTimestamp: "2026-01-01T00:00:00Z" },
    { managedFields: [own, { manager: "kubectl", operation: "Update", fieldsV1: {} }] },
  ])("sees %j", (metadata) => {
    expect(fingerprintOf(view(metadata))).not.toBe(base);
  });

  it("goes by the version of objects that have no generation", () => {
    const [a, b] = ["1", "2"].map((resourceVersion) =>
      fingerprintOf(view({ generation: undefined, resourceVersion })),
    );
    expect(a).not.toBe(b);
  });

  it("does not depend on the order of labels", () => {
    const [a, b] = [
      { x: "1", y: "2" },
      { y: "2", x: "1" },
    ].map((labels) => fingerprintOf(view({ labels })));
    expect(a).toBe(b);
  });
});

describe("fingerprintOf()", () => {
  it("does not depend on the order of members, which differs between an object and its metadata", () => {
    const { manager, ...rest } = own;
    expect(fingerprintOf(view({ managedFields: [{ ...rest, manager }] }))).toBe(
      fingerprintOf(view({ managedFields: [own] })),
    );
  });
});

describe("fingerprintEntry()", () => {
  const object = { json: "{}" } as PreparedObject;

  it("allows for the work of controllers, and for nothing else", () => {
    const reached = view({});
    const busy = view({ managedFields: [own, controller], annotations: { revision: "1" } });
    expect(fingerprintEntry(object, reached, busy).fingerprint).toBe(fingerprintOf(busy));
    expect(fingerprintEntry(object, reached, view({ generation: 2 }))).toEqual({ state: {} });
    const taken = { ...own, fieldsV1: {} };
    expect(fingerprintEntry(object, reached, view({ managedFields: [taken] }))).toEqual({
      state: {},
    });
  });
});
