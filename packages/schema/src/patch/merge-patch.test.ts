import { describe, expect, it } from "vitest";

import type { FieldType } from "../kubernetes/field-type.ts";
import { mergePatch } from "./merge-patch.ts";

const none: FieldType = { field: () => undefined, items: () => undefined, keys: () => undefined };

/** A type whose lists have elements that these keys tell apart. */
function byKeys(keys: Readonly<Record<string, unknown>>): FieldType {
  const list: FieldType = { ...none, keys: () => keys, items: () => byKeys(keys) };
  return { ...none, field: () => list };
}

describe("mergePatch()", () => {
  it.each([
    [
      "merges members and keeps the digits of others",
      '{"a":{"b":1,"n":9007199254740993}}',
      '{"a":{"b":2,"c":"x"}}',
      '{"a":{"b":2,"n":9007199254740993,"c":"x"}}',
    ],
    [
      "takes away what is null",
      '{"a":{"b":1,"c":2}}',
      '{"a":{"b":null},"d":{"e":null}}',
      '{"a":{"c":2},"d":{}}',
    ],
    ["replaces lists that have no keys", '{"a":[1,2,3]}', '{"a":[4]}', '{"a":[4]}'],
    ["replaces what is of another kind", '{"a":[1]}', '{"a":{"b":1}}', '{"a":{"b":1}}'],
  ])("%s", (_, base, patch, merged) => {
    expect(mergePatch(base, patch, undefined)).toBe(merged);
  });

  it("merges elements of the same keys, adds others and takes away what is to be deleted", () => {
    const base = '{"c":[{"name":"a","image":"x","env":[{"name":"K","value":"1"}]},{"name":"b"}]}';
    const patch =
      '{"c":[{"name":"b","$patch":"delete"},{"name":"a","env":[{"name":"L","value":"2"}]},{"name":"z"}]}';
    expect(mergePatch(base, patch, byKeys({ name: undefined }))).toBe(
      '{"c":[{"name":"a","image":"x","env":[{"name":"K","value":"1"},{"name":"L","value":"2"}]},{"name":"z"}]}',
    );
  });

  it("takes the default of a key for one that is not there", () => {
    const type = byKeys({ port: undefined, protocol: "TCP" });
    const base = '{"p":[{"port":80},{"port":80,"protocol":"UDP"}]}';
    expect(mergePatch(base, '{"p":[{"port":80,"protocol":"TCP","name":"web"}]}', type)).toBe(
      '{"p":[{"port":80,"protocol":"TCP","name":"web"},{"port":80,"protocol":"UDP"}]}',
    );
  });
});
