// Timoni drops every folder that is called cue.mod from an artifact unless it is that of the module,
// and has no way to leave vendored files out. Tenon packs the first, and leaves out vendored files that
// the ignore file names by cue.mod/… (names such as pkg in modules for Timoni do not mean those).
import { cp } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readTree } from "../support/read-tree.ts";
import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import { fixture } from "../support/repo.ts";
import { tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";

describe("defect 26", () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startEmbeddedRegistry();
  });
  afterAll(() => registry?.[Symbol.asyncDispose]());

  it("a nested cue.mod arrives, and an ignored vendored file does not", async () => {
    await using dir = await tempDir();
    await cp(fixture("objects"), dir.file("m"), { recursive: true });
    await dir.write({
      "m/examples/cue.mod/module.cue":
        'module: "example.com/nested"\nlanguage: version: "v0.14.0"\n',
      "m/cue.mod/pkg/example.com/lib/lib.cue": "package lib\n",
      "m/cue.mod/pkg/example.com/lib/notes.txt": "not for others\n",
      "m/timoni.ignore": "cue.mod/**/notes.txt\n",
    });
    const url = `oci://${registry.host}/nested`;
    await tenon(["mod", "push", dir.file("m"), url, "-v", "1.0.0"]);
    await tenon(["mod", "pull", url, "-o", dir.file("pulled")]);
    const files = Object.keys(await readTree(dir.file("pulled")));
    expect(files).toContain("examples/cue.mod/module.cue");
    expect(files).toContain("cue.mod/pkg/example.com/lib/lib.cue");
    expect(files.filter((name) => name.endsWith("notes.txt"))).toEqual([]);
  });
});
