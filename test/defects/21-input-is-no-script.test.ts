// Timoni's set-up action downloads an archive that does not exist for Windows, and puts its input into
// a script. Tenon has no such action; it is one npm package without archives for platforms. What a
// pipeline gives it is data all the same: it is refused or used as text, and never run.
import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { fixture, repoPath } from "../support/repo.ts";
import { tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";

describe("defect 21", () => {
  const script = "1.0.0; touch pwned #$(touch pwned)`touch pwned`";

  it.each([
    ["a name", ["build", script, fixture("objects")]],
    ["a version", ["build", "app", "oci://127.0.0.1:1/m", "-v", script]],
    ["an address", ["build", "app", `oci://127.0.0.1:1/${script}`]],
    [
      "a version to publish",
      ["mod", "push", fixture("objects"), "oci://127.0.0.1:1/m", "-v", script],
    ],
  ])("%s with commands of a shell in it is bad input", async (_, args) => {
    await using dir = await tempDir();
    const { code } = await spawnTenon(args, { cwd: dir.path });
    expect(code).toBe(2);
    await expect(readFile(dir.file("pwned"))).rejects.toThrow("ENOENT");
  });

  it("the package runs the same files everywhere", async () => {
    const text = await readFile(repoPath("packages/cli/package.json"), "utf8");
    const manifest = JSON.parse(text) as Record<string, unknown>;
    expect(manifest["os"]).toBeUndefined();
    expect(manifest["cpu"]).toBeUndefined();
    const scripts = Object.keys((manifest["scripts"] ?? {}) as object);
    expect(scripts.filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  });
});
