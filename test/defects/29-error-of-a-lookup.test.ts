// When `bundle vet --print-value` cannot look something up, Timoni returns another error than the one
// it has, which is none. Tenon has no --print-value; what a bundle lacks is named by vet and build,
// with its place.
import { describe, expect, it } from "vitest";

import { bundleText } from "../support/bundle-file.ts";
import { tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";

describe("defect 29", () => {
  it.each([
    ["without a name", 'bundle: {apiVersion: "v1alpha1", instances: {}}\n', /name/],
    ["without a bundle", "bundles: {}\n", /bundle/],
    [
      "with a reference to nothing",
      `${bundleText("shop", { app: { namespace: "x" } })}\nbundle: name: _nothing\n`,
      /_nothing/,
    ],
  ])("a file %s is an error that says so", async (_, text, reason) => {
    await using dir = await tempDir();
    await dir.write({ "bundle.cue": text });
    for (const command of ["vet", "build"]) {
      const { code, stdout, stderr } = await spawnTenon(["bundle", command, "-f", "bundle.cue"], {
        cwd: dir.path,
      });
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^error: Cannot .*\[SCHEMA_BUNDLE_INVALID\]/m);
      expect(stderr).toMatch(reason);
    }
  });
});
