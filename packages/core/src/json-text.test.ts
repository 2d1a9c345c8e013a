import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  arrayElements,
  deleteMember,
  indentJson,
  objectMembers,
  pathAt,
  pathAtColumn,
  setMember,
} from "./json-text.ts";

describe("setMember()", () => {
  it("keeps every other byte of the text", () => {
    const text = '{ "n": 9007199254740993, "m" : {"2":1,"10":2, "a":"x\\"}"} , "z":[1,{"k":2}] }';
    expect(setMember(text, ["m", "10"], "3")).toBe(
      '{ "n": 9007199254740993, "m" : {"2":1,"10":3, "a":"x\\"}"} , "z":[1,{"k":2}] }',
    );
  });
  it("adds missing objects on the way", () => {
    expect(setMember('{"a":1}', ["b", "c"], '"d"')).toBe('{"a":1,"b":{"c":"d"}}');
    expect(setMember("{}", ["b"], "1")).toBe('{"b":1}');
    expect(setMember('{"b":null}', ["b", "c"], "1")).toBe('{"b":{"c":1}}');
  });
});

describe("deleteMember()", () => {
  it("removes first, middle, last and only members", () => {
    expect(deleteMember('{"a":1,"b":2,"c":3}', ["a"])).toBe('{"b":2,"c":3}');
    expect(deleteMember('{"a":1,"b":2,"c":3}', ["b"])).toBe('{"a":1,"c":3}');
    expect(deleteMember('{"a":1,"b":2,"c":3}', ["c"])).toBe('{"a":1,"b":2}');
    expect(deleteMember('{"m":{"a":1}}', ["m", "a"])).toBe('{"m":{}}');
    expect(deleteMember('{"m":1}', ["x", "a"])).toBe('{"m":1}');
  });
});

describe("arrayElements()", () => {
  it("gives the text of each element", () => {
    expect(arrayElements('{"items": [ {"a":[1]} , 2,"x]" ]}', ["items"])).toEqual([
      '{"a":[1]}',
      "2",
      '"x]"',
    ]);
    expect(arrayElements('{"items":[]}', ["items"])).toEqual([]);
    expect(arrayElements('{"items":{}}', ["items"])).toBeUndefined();
    expect(arrayElements("{}", ["items"])).toBeUndefined();
  });
});

describe("json text edits", () => {
  it("agree with edits of the parsed value", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.jsonValue(),
        (object, key, value) => {
          const text = JSON.stringify(object);
          const plain = JSON.parse(text) as Record<string, unknown>;
          const edited = JSON.parse(setMember(text, [key], JSON.stringify(value))) as unknown;
          expect(edited).toEqual(
            Object.fromEntries([
              ...Object.entries(plain).filter(([k]) => k !== key),
              [key, JSON.parse(JSON.stringify(value))],
            ]),
          );
          expect(JSON.parse(deleteMember(text, [key]))).toEqual(
            Object.fromEntries(Object.entries(plain).filter(([k]) => k !== key)),
          );
        },
      ),
    );
  });
});

describe("objectMembers()", () => {
  it("keeps the order of keys and the text of values", () => {
    expect(objectMembers('{"a":{"10":1.0, "2":[1, 2],"x":{}}}', ["a"])).toEqual([
      ["10", "1.0"],
      ["2", "[1, 2]"],
      ["x", "{}"],
    ]);
    expect(objectMembers('{"a":[]}', ["a"])).toBeUndefined();
    expect(objectMembers("{}", ["a"])).toBeUndefined();
  });
});

describe("pathAt()", () => {
  it("finds the innermost value around an offset", () => {
    const text = '{"a":{"b":[10, {"c":true}]},"d":"x"}';
    const at = (part: string): readonly (string | number)[] => pathAt(text, text.indexOf(part));
    expect(at("10")).toEqual(["a", "b", 0]);
    expect(at("true")).toEqual(["a", "b", 1, "c"]);
    expect(at('"x"')).toEqual(["d"]);
    expect(pathAt(text, 0)).toEqual([]);
  });
});

describe("pathAtColumn()", () => {
  it("counts bytes from 1", () => {
    const json = Buffer.from('{"ü":{"b":["é",2]}}');
    expect(pathAtColumn(json, json.indexOf("2") + 1)).toEqual(["ü", "b", 1]);
    expect(pathAtColumn(json.subarray(0), 1)).toEqual([]);
  });
});

describe("indentJson()", () => {
  it("writes what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        const compact = JSON.stringify(value);
        expect(indentJson(compact)).toBe(JSON.stringify(value, undefined, 2));
        expect(indentJson(indentJson(compact))).toBe(indentJson(compact));
      }),
    );
  });
  it("keeps large numbers and the order of members", () => {
    expect(indentJson('{"b":9223372036854775807,"10":[],"2":{"a":[1e400,{}]}}')).toBe(
      '{\n  "b": 9223372036854775807,\n  "10": [],\n  "2": {\n    "a": [\n      1e400,\n      {}\n    ]\n  }\n}',
    );
  });
});
