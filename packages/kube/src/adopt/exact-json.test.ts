import { describe, expect, it } from "vitest";

import { parseExact, printExact } from "./exact-json.ts";
import { escapedAsGo, sortedJson } from "./go-json.ts";
import { formatEntry, parseEntry } from "./inventory-id.ts";

describe("parseExact() and printExact()", () => {
  it("keep integers that JavaScript cannot hold, and texts that look like them", () => {
    const text = '{"a":9007199254740993,"b":[-12345678901234567890,1.5],"c":"9007199254740993"}';
    expect(printExact(parseExact(text))).toBe(text);
    expect(printExact(parseExact(text), sortedJson)).toBe(text);
  });
});

describe("sortedJson()", () => {
  it("prints maps as Go does", () => {
    const text = sortedJson({ b: [{ d: 1, c: "<&>" }], a: null, "10": 1, "2": 2 });
    expect(escapedAsGo(text)).toBe(
      String.raw`{"10":1,"2":2,"a":null,"b":[{"c":"\u003c\u0026\u003e","d":1}]}`,
    );
  });
});

describe("parseEntry() and formatEntry()", () => {
  it.each([
    [{ id: "apps_web_apps_Deployment", v: "v1" }, "apps/v1", "Deployment", "apps", "web"],
    [{ id: "_apps2__Namespace", v: "v1" }, "v1", "Namespace", undefined, "apps2"],
    [
      { id: "_a__b_rbac.authorization.k8s.io_ClusterRole", v: "v1" },
      "rbac.authorization.k8s.io/v1",
      "ClusterRole",
      undefined,
      "a:b",
    ],
  ])("know %o", (entry, apiVersion, kind, namespace, name) => {
    const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
    expect(parseEntry(entry)).toEqual(ref);
    expect(formatEntry(ref)).toEqual(entry);
  });
});
