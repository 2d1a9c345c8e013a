import { kubeObject } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { maskAll, maskFor } from "./mask.ts";

function maskOf(stringData: Record<string, string>, data: Record<string, string> = {}) {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData, data };
  return maskFor([{ name: "main", objects: [kubeObject(JSON.stringify(secret))] }]);
}

describe("maskFor()", () => {
  it("hides what Secrets hold, plain and encoded", () => {
    const mask = maskOf({ a: "s3cr/t wörd" }, { b: Buffer.from("other-one").toString("base64") });
    expect(mask("a s3cr/t wörd b")).toBe("a *** b");
    expect(mask(Buffer.from("s3cr/t wörd").toString("base64"))).toBe("***");
    expect(mask(`/${encodeURIComponent("s3cr/t wörd")}?`)).toBe("/***?");
    expect(mask("other-one")).toBe("***");
  });

  it("hides all of a word that has another in it", () => {
    expect(maskOf({ a: "pass", b: "password-1" })("password-1 pass")).toBe("*** ***");
  });

  it("hides the parts that a program may print alone", () => {
    const mask = maskOf({
      key: "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n",
      env: 'API_TOKEN="abcdef-123"\nDEBUG=true\n',
      json: '{"auths":{"r.example.com":{"auth":"cm9ib3Q6eA=="}}}',
      url: "postgres://app:p%40ssw0rd@db/app",
    });
    for (const part of ["MIIEvQIBADANBg", "abcdef-123", "cm9ib3Q6eA==", "p%40ssw0rd", "p@ssw0rd"]) {
      expect(mask(`x ${part} y`)).toBe("x *** y");
    }
    expect(mask("true app")).toBe("true app");
  });

  it("leaves words alone that are too short to be secrets", () => {
    expect(maskOf({ a: "1", b: "no", c: "" })("1 no yes")).toBe("1 no yes");
  });

  it("hides nothing when there are no Secrets", () => {
    const objects = [
      kubeObject(
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"bcd"}}',
      ),
    ];
    expect(maskFor([{ name: "main", objects }])("a bcd")).toBe("a bcd");
  });
});

describe("maskAll()", () => {
  it("masks the texts of a value and keeps all else", () => {
    const mask = maskOf({ a: "hidden" });
    expect(maskAll({ hidden: ["is hidden", 1, null, { a: "hidden" }] }, mask)).toEqual({
      hidden: ["is ***", 1, null, { a: "***" }],
    });
  });
});
