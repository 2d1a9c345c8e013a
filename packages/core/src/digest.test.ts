import { expect, it } from "vitest";

import { isDigest, parseDigest, sha256 } from "./digest.ts";

it("parseDigest() reads what sha256() writes and rejects the rest", () => {
  expect(parseDigest(sha256(""))).toBe(
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  for (const text of [
    "",
    "sha256:",
    "sha256:ABC",
    `md5:${"a".repeat(32)}`,
    `sha256:${"g".repeat(64)}`,
  ]) {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(/Cannot read digest/);
  }
});
