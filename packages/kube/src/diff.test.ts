import type { KubeObjectView } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { comparable, diffObjects, isEqual } from "./diff.ts";

function view(more: object, kind = "Thing"): KubeObjectView {
  return { apiVersion: "v1", kind, metadata: { name: "x" }, ...more };
}

describe("diffObjects()", () => {
  it("names fields, list items by their key, and odd keys in brackets", () => {
    const before = view({
      spec: {
        a: 1,
        gone: true,
        containers: [
          { name: "web", image: "a" },
          { name: "old", image: "b" },
        ],
      },
      data: { "a.b": "1" },
    });
    const after = view({
      spec: {
        a: 2,
        containers: [
          { name: "web", image: "c" },
          { name: "new", image: "d" },
        ],
        list: [1, 2],
      },
      data: { "a.b": "2" },
    });
    expect(diffObjects(before, after)).toEqual([
      { path: "spec.a", before: 1, after: 2 },
      { path: "spec.gone", before: true },
      { path: "spec.containers[web].image", before: "a", after: "c" },
      { path: "spec.containers[old]", before: { name: "old", image: "b" } },
      { path: "spec.containers[new]", after: { name: "new", image: "d" } },
      { path: "spec.list", after: [1, 2] },
      { path: 'data["a.b"]', before: "1", after: "2" },
    ]);
  });

  it("notices that keyed items changed places", () => {
    const items = [{ name: "a" }, { name: "b" }];
    expect(diffObjects(view({ list: items }), view({ list: items.toReversed() }))).toEqual([
      { path: "list (order)", before: ["a", "b"], after: ["b", "a"] },
    ]);
  });

  it("compares items without a key by position, and other lists as a whole", () => {
    expect(diffObjects(view({ rules: [{ v: 1 }] }), view({ rules: [{ v: 2 }] }))).toEqual([
      { path: "rules[0].v", before: 1, after: 2 },
    ]);
    expect(diffObjects(view({ l: ["a"] }), view({ l: ["a", "b"] }))).toEqual([
      { path: "l", before: ["a"], after: ["a", "b"] },
    ]);
  });

  it("leaves out what the server keeps for itself", () => {
    const metadata = {
      name: "x",
      uid: "1",
      resourceVersion: "2",
      generation: 3,
      managedFields: [],
    };
    expect(diffObjects(view({ metadata, status: { a: 1 } }), view({ status: { a: 2 } }))).toEqual(
      [],
    );
    expect(comparable(view({ metadata, status: {} }))).toEqual(view({}));
  });

  it("never shows data of a Secret", () => {
    const last = { annotations: { "kubectl.kubernetes.io/last-applied-configuration": "s3cret" } };
    const before = view(
      { metadata: { name: "x", ...last }, data: { a: "1", b: "2" }, type: "t" },
      "Secret",
    );
    const after = view({ data: { a: "3", c: "4" }, type: "u" }, "Secret");
    expect(diffObjects(before, after)).toEqual([
      { path: "data.a", before: "*** (before)", after: "*** (after)" },
      { path: "data.b", before: "***" },
      { path: "data.c", after: "***" },
      { path: "type", before: "t", after: "u" },
    ]);
    expect(diffObjects(view({ data: { a: "1" } }, "Secret"), view({}, "Secret"))).toEqual([
      { path: "data.a", before: "***" },
    ]);
    expect(JSON.stringify(diffObjects(undefined, after))).not.toContain("4");
  });
});

describe("isEqual()", () => {
  it("ignores the order of keys, not that of items", () => {
    expect(isEqual({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
    expect(isEqual([1, 2], [2, 1])).toBe(false);
    expect(isEqual({ a: undefined }, { b: undefined })).toBe(false);
    expect(isEqual({}, [])).toBe(false);
    expect(isEqual(null, {})).toBe(false);
  });
});
