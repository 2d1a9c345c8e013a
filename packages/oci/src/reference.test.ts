import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";

import {
  type Reference,
  type RepositoryName,
  formatReference,
  formatRepository,
  isTag,
  parseHost,
  parseReference,
  parseTag,
} from "./reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("parseReference()", () => {
  it.each([
    ["oci://ghcr.io/org/app", ["ghcr.io", "org/app", undefined, undefined]],
    ["oci://ghcr.io/org/app:1.0.0", ["ghcr.io", "org/app", "1.0.0", undefined]],
    ["oci://localhost:5000/app:_release", ["localhost:5000", "app", "_release", undefined]],
    ["oci://localhost/app", ["localhost", "app", undefined, undefined]],
    ["oci://[::1]:5000/a/b/c:release..1", ["[::1]:5000", "a/b/c", "release..1", undefined]],
    [`oci://ghcr.io/org/app@${digest}`, ["ghcr.io", "org/app", undefined, digest]],
    [`oci://ghcr.io/org/app:v1@${digest}`, ["ghcr.io", "org/app", "v1", digest]],
    ["oci://docker.io/nginx:1", ["index.docker.io", "library/nginx", "1", undefined]],
    ["oci://docker.io/org/app", ["index.docker.io", "org/app", undefined, undefined]],
    ["oci://nginx", ["index.docker.io", "library/nginx", undefined, undefined]],
    ["oci://nginx:1.25", ["index.docker.io", "library/nginx", "1.25", undefined]],
    ["oci://org/app", ["index.docker.io", "org/app", undefined, undefined]],
    ["oci://GHCR.io/org/app", ["ghcr.io", "org/app", undefined, undefined]],
  ])("reads %s", (text, [host, repository, tag, expectedDigest]) => {
    const reference = parseReference(text);
    const { host: h, repository: r, tag: t, digest: d } = reference;
    expect([h, r, t, d]).toEqual([host, repository, tag, expectedDigest]);
    expect(parseReference(formatReference(reference))).toEqual(reference);
  });

  it.each([
    "",
    "ghcr.io/org/app",
    "https://ghcr.io/org/app",
    "oci://",
    "oci://ghcr.io",
    "oci://ghcr.io/",
    "oci://localhost:5000",
    "oci://localhost:5000/",
    "oci://ghcr.io/Org/app",
    "oci://ghcr.io/org//app",
    "oci://ghcr.io/org/../app",
    "oci://ghcr.io/org/app:",
    "oci://ghcr.io/org/app:1.0.0:latest",
    "oci://ghcr.io/org/app:.release",
    "oci://ghcr.io/org/app:-release",
    "oci://ghcr.io/org/app:release+1",
    "oci://ghcr.io/org/app@sha256:abc",
    `oci://ghcr.io/org/app@${digest.toUpperCase()}`,
    "oci://ghcr.io:99999/org/app",
    "oci://user@ghcr.io/org/app",
    "oci://ghcr.io/org/app?x=1",
    "oci://ghcr.io/org/app name",
    `oci://ghcr.io/${"a".repeat(256)}`,
  ])("rejects %j", (text) => {
    expect(() => parseReference(text)).toThrowError(
      expect.objectContaining({ code: "OCI_REFERENCE_INVALID" }),
    );
  });

  it("says what is wrong and what to write", () => {
    const failures = ["ghcr.io/org/app", "oci://ghcr.io/Org/App:1", "oci://ghcr.io/a/b:-x"].map(
      (text) => {
        try {
          return parseReference(text);
        } catch (error) {
          const { message, hint } = error as { message: string; hint?: string };
          return `${message} | ${hint ?? ""}`;
        }
      },
    );
    expect(failures).toMatchInlineSnapshot(`
      [
        "Cannot read reference "ghcr.io/org/app": it must begin with oci:// | Write oci://ghcr.io/org/app",
        "Cannot read reference "oci://ghcr.io/Org/App:1": "Org" cannot be part of a repository | Write it in lower case: org/app",
        "Cannot read reference "oci://ghcr.io/a/b:-x": the tag "-x" must not begin with "-" | ",
      ]
    `);
  });

  it("reads what formatReference() writes", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?$/);
    const repository = fc.array(part, { minLength: 2, maxLength: 4 }).map((all) => all.join("/"));
    const host = fc.constantFrom("ghcr.io", "localhost:5000", "127.0.0.1", "index.docker.io");
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/), {
      nil: undefined,
    });
    const withDigest = fc.boolean();
    fc.assert(
      fc.property(host, repository, tag, withDigest, (h, r, t, d) => {
        const text = `oci://${h}/${r}${t === undefined ? "" : `:${t}`}${d ? `@${digest}` : ""}`;
        expect(formatReference(parseReference(text))).toBe(text);
      }),
    );
  });

  it("throws nothing but its own error for any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseReference(`oci://${text}`);
        } catch (error) {
          expect(error).toMatchObject({ code: "OCI_REFERENCE_INVALID" });
        }
      }),
    );
  });

  it("brands its parts", () => {
    expectTypeOf(parseReference("oci://ghcr.io/a/b").repository).toEqualTypeOf<RepositoryName>();
    expectTypeOf<Reference["repository"]>().toExtend<string>();
  });
});

describe("parseTag()", () => {
  it("takes 128 characters and not 129", () => {
    expect(isTag("a".repeat(128))).toBe(true);
    expect(() => parseTag("a".repeat(129))).toThrowError(/more than 128/);
  });
});

describe("parseHost()", () => {
  it("makes Docker Hub's names one", () => {
    expect(parseHost("docker.io")).toBe("index.docker.io");
    expect(formatRepository(parseReference("oci://docker.io/nginx:1"))).toBe(
      "oci://index.docker.io/library/nginx",
    );
  });
});
