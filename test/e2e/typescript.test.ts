import { cp } from "node:fs/promises";

import { beforeAll, describe, expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { runProcess } from "../support/run-process.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";

const good = `import { defineBundle } from "@tenon/bundle";

export default defineBundle({
  apiVersion: "v1alpha1",
  name: "shop",
  instances: {
    web: {
      module: { url: "file://app" },
      namespace: "apps",
      values: { image: { tag: "1.2.3" }, replicas: 2 },
    },
  },
  waves: [{ name: "first", instances: ["web"] }],
});
`;

const mistakes = [
  ["a wrong type", "replicas: 2", 'replicas: "2"', "not assignable to type 'number'"],
  ["a wrong key", "replicas: 2", "replica: 2", "Did you mean to write 'replicas'?"],
  ["a wrong key further in", "tag:", "tga:", "'tga' does not exist"],
  ["a wrong key of an instance", "namespace:", "namespce:", "Did you mean to write 'namespace'?"],
  ["an instance that there is not", '["web"]', '["wbe"]', `'"wbe"' is not assignable`],
] as const;

describe("tenon types", () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await tempDir();
    await cp(repoPath("modules/app"), dir.file("app"), { recursive: true });
    const files = mistakes.map(([, right, wrong], index) => [
      `bad${index}.ts`,
      good.replace(right, wrong),
    ]);
    await dir.write({ "tenon.bundle.ts": good, ...Object.fromEntries(files) });
    return () => dir[Symbol.asyncDispose]();
  });

  it("writes types by which a compiler accepts right bundles and rejects wrong ones at their place", async () => {
    expect((await spawnTenon(["types", "--check"], { cwd: dir.path })).code).toBe(3);
    await tenon(["types"], { cwd: dir.path });
    expect((await spawnTenon(["types", "--check"], { cwd: dir.path })).code).toBe(0);
    const all = ["tenon.d.ts", "tenon.bundle.ts", ...mistakes.map((_, index) => `bad${index}.ts`)];
    const flags = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext"];
    const { stdout } = await runProcess(
      repoPath("node_modules/.bin/tsc"),
      ["--pretty", "false", ...flags, ...all],
      { cwd: dir.path },
    );
    const found = stdout.split("\n").filter((line) => line.includes(": error "));
    const expected = mistakes.map(([, right, , text], index) => {
      const line = good.slice(0, good.indexOf(right)).split("\n").length;
      return { place: `bad${index}.ts(${line},`, text };
    });
    expect(found, stdout).toHaveLength(expected.length);
    for (const [index, { place, text }] of expected.entries()) {
      expect(found[index]).toContain(place);
      expect(found[index]).toContain(text);
    }
  });

  it("names the bundle that is not there, and the module that cannot be opened", async () => {
    await dir.write({ "gone.ts": good.replace("file://app", "file://gone") });
    const results = await Promise.all(
      ["missing.ts", "gone.ts"].map((file) => spawnTenon(["types", "-f", file], { cwd: dir.path })),
    );
    expect(results.map(({ code }) => code)).toEqual([2, 2]);
    expect(results[0]!.stderr).toContain("missing.ts: no such file");
    expect(results[1]!.stderr).toContain("gone");
  });
});
