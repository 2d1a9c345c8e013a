import { parseReference } from "@tenon/oci";
import { describe, expect, it } from "vitest";

import { type TrustPolicy, ruleFor } from "./trust-policy.ts";

const policyOf = (...prefixes: readonly string[]): TrustPolicy => ({
  file: "p.yaml",
  rules: prefixes.map((prefix, index) => ({
    prefix,
    at: { file: "p.yaml", line: index + 1, column: 1 },
    demand: "allow",
    immutableTags: false,
  })),
});

describe("ruleFor()", () => {
  const policy = policyOf(
    "*",
    "ghcr.io",
    "ghcr.io/org",
    "ghcr.io/org/modules",
    "index.docker.io/library",
  );
  it.each([
    ["ghcr.io/org/modules/app:1.0.0", "ghcr.io/org/modules"],
    ["ghcr.io/org/modules", "ghcr.io/org/modules"],
    ["ghcr.io/org/modules-evil/app", "ghcr.io/org"],
    ["ghcr.io/org2/app", "ghcr.io"],
    ["ghcr.io.evil.example/org/modules/app", "*"],
    ["GHCR.IO/org/app", "ghcr.io/org"],
    ["ghcr.io:443/org/app", "ghcr.io/org"],
    ["ghcr.io:0443/org/app", "ghcr.io/org"],
    ["ghcr.io:8443/org/app", "*"],
    ["nginx", "index.docker.io/library"],
    ["docker.io/nginx", "index.docker.io/library"],
    ["Docker.io/library/nginx", "index.docker.io/library"],
    ["registry-1.docker.io/library/nginx", "index.docker.io/library"],
    ["quay.io/a/b", "*"],
  ])("of %s is that of %s", (reference, prefix) => {
    expect(ruleFor(policy, parseReference(`oci://${reference}`))?.prefix).toBe(prefix);
  });

  it("is none where nothing matches", () => {
    expect(ruleFor(policyOf("ghcr.io"), parseReference("oci://quay.io/a/b"))).toBeUndefined();
  });
});
