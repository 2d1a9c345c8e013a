import { describe, expect, it } from "vitest";

import {
  fieldPaths,
  formatFields,
  isEmptySet,
  noFields,
  parseFields,
  subtractFields,
  unionFields,
} from "./field-set.ts";
import { extractFields, removeFields } from "./field-values.ts";

const port = 'k:{"containerPort":80,"protocol":"TCP"}';

describe("field sets", () => {
  it("survive parsing and printing", () => {
    const fields = {
      "f:metadata": { "f:labels": { ".": {}, "f:a.b/c": {} } },
      "f:spec": { "f:ports": { [port]: { ".": {}, "f:name": {} } }, "f:list": { 'v:"x"': {} } },
    };
    expect(formatFields(parseFields(fields))).toEqual(fields);
  });

  it("keep a whole field beside a part of it in a union", () => {
    const whole = parseFields({ "f:spec": {} });
    const part = parseFields({ "f:spec": { "f:a": {} } });
    expect(formatFields(unionFields(whole, part))).toEqual({ "f:spec": { ".": {}, "f:a": {} } });
  });

  it("lose the members of another, and no more", () => {
    const from = parseFields({ "f:a": { ".": {}, "f:b": {}, "f:c": {} } });
    const left = subtractFields(from, parseFields({ "f:a": { "f:b": {} }, "f:x": {} }));
    expect(fieldPaths(left)).toEqual(["a", "a.c"]);
    expect(isEmptySet(subtractFields(left, left))).toBe(true);
  });

  it("name paths as people read them", () => {
    const set = parseFields({ "f:spec": { "f:ports": { [port]: { "f:name": {} } } } });
    expect(fieldPaths(set)).toEqual(["spec.ports[containerPort=80,protocol=TCP].name"]);
  });
});

describe("removeFields()", () => {
  const object = {
    data: { a: "1", b: "2" },
    spec: { ports: [{ containerPort: 80, protocol: "TCP", name: "http" }, { containerPort: 81 }] },
    other: { only: true },
  };

  it("removes members, list items, and what is empty without them", () => {
    const fields = parseFields({
      "f:data": { "f:a": {} },
      "f:spec": { "f:ports": { [port]: { ".": {}, "f:name": {} } } },
      "f:other": { "f:only": {} },
    });
    expect(removeFields(object, fields, noFields)).toEqual({
      data: { b: "2" },
      spec: { ports: [{ containerPort: 81 }] },
    });
  });

  it("keeps what somebody has in a removed field", () => {
    const kept = parseFields({ "f:data": { "f:b": {} } });
    const fields = parseFields({ "f:data": { ".": {}, "f:a": {} } });
    expect(removeFields(object, fields, kept)).toEqual({ ...object, data: { b: "2" } });
  });
});

describe("extractFields()", () => {
  it("takes fields, whole fields, and of bare list items the keys", () => {
    const object = {
      metadata: { labels: { a: "1", b: "2" }, uid: "x" },
      spec: { selector: { app: "x" }, ports: [{ containerPort: 80, protocol: "TCP", name: "y" }] },
      data: {},
    };
    const fields = parseFields({
      "f:metadata": { "f:labels": { "f:a": {} } },
      "f:spec": { "f:selector": {}, "f:ports": { [port]: {} } },
    });
    expect(extractFields(object, fields, noFields)).toEqual({
      metadata: { labels: { a: "1" } },
      spec: { selector: { app: "x" }, ports: [{ containerPort: 80, protocol: "TCP" }] },
    });
  });

  it("leaves out what others have in a map that is taken as a whole", () => {
    const others = parseFields({ "f:labels": { "f:b": {} } });
    const labels = parseFields({ "f:labels": {} });
    expect(extractFields({ labels: { b: "2" } }, labels, others)).toEqual({ labels: {} });
  });
});
