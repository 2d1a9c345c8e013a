import { kubeObject, refOf } from "@tenon/core";
import { describe, expect, it } from "vitest";

import type { ManifestMap } from "../manifest/manifest-node.ts";
import { parseDocuments } from "../manifest/parse-documents.ts";
import type { Manifest } from "../manifest/read-manifests.ts";
import { compareObjects } from "./compare-objects.ts";

const head = '"apiVersion":"v1","kind":"Any","metadata":{"name":"a"}';

describe("compareObjects()", () => {
  it("finds nothing where only the order of keys and the spelling of fractions differ", () => {
    expect(
      differences('{"a":1,"b":[true,null,"x"],"f":1.50}', '{"f":1.5,"b":[true,null,"x"],"a":1}'),
    ).toEqual([]);
  });

  it.each([
    ["a value", '{"a":{"b":1}}', '{"a":{"b":2}}', "spec.a.b: is rendered with another value"],
    ["a number", '{"a":1}', '{"a":"1"}', "spec.a: is rendered with another value"],
    ["a text", '{"a":"1"}', '{"a":1}', "spec.a: is rendered with another value"],
    ["a boolean", '{"a":true}', '{"a":false}', "spec.a: is rendered with another value"],
    ["null", '{"a":null}', '{"a":""}', "spec.a: is rendered with another value"],
    [
      "a number of many digits",
      '{"a":9007199254740993}',
      '{"a":9007199254740992}',
      "spec.a: is rendered with another value",
    ],
    ["a field", '{"a":1}', "{}", "spec.a: is not rendered"],
    ["no field", "{}", '{"a":1}', "spec.a: is rendered in addition"],
    ["the order of a list", '["a","b"]', '["b","a"]', "spec[0]: is rendered with another value"],
    [
      "the length of a list",
      '["a"]',
      '["a","b"]',
      "spec: is rendered with 2 elements in place of 1",
    ],
    ["a list", '["a"]', '{"a":1}', "spec: is not rendered as a list"],
    ["a map", '{"a":1}', '["a"]', "spec: is not rendered as a map"],
  ])("tells where %s differs", (_, manifest, rendered, wanted) => {
    expect(differences(manifest, rendered)[0]).toBe(wanted);
  });

  it("tells of objects that are missing, added or there twice", () => {
    const [a, b] = ["a", "b"].map((name) =>
      kubeObject(`{"apiVersion":"v1","kind":"Any","metadata":{"name":"${name}"}}`),
    );
    const known = manifestOf(a!.json);
    expect(compareObjects([known], [a!])).toEqual([]);
    const texts = (objects: Parameters<typeof compareObjects>[1]): string[] =>
      compareObjects([known], objects).map(({ text }) => text);
    expect(texts([])).toEqual(["Any/a is not rendered"]);
    expect(texts([a!, b!])).toEqual(["Any/b is rendered in addition"]);
    expect(texts([a!, kubeObject(a!.json)])).toEqual(["Any/a is rendered in addition"]);
  });
});

function differences(manifest: string, rendered: string): string[] {
  const found = compareObjects(
    [manifestOf(`{${head},"spec":${manifest}}`)],
    [kubeObject(`{${head},"spec":${rendered}}`)],
  );
  return found.map(({ path, text }) => `${path}: ${text.replace("Any/a ", "")}`);
}

function manifestOf(json: string): Manifest {
  const { documents } = parseDocuments({ name: "a.json", content: Buffer.from(json) });
  const node = documents[0] as ManifestMap;
  return { node, ref: refOf(kubeObject(json)), dropped: [], isBuiltIn: false };
}
