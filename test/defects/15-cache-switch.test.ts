// In Timoni --cache-dir wins over TIMONI_CACHING=false, although the help says that this disables the
// cache. Tenon has no such switch: what its help names as the place of the cache is the only thing
// that counts there, the flag before the variable.
import { readdir } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import { fixture } from "../support/repo.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";

describe("defect 15", () => {
  let registry: TestRegistry;
  let dir: TempDir;
  beforeAll(async () => {
    [registry, dir] = [await startEmbeddedRegistry(), await tempDir()];
    const url = `oci://${registry.host}/objects`;
    await tenon(["mod", "push", fixture("objects"), url, "-v", "1.0.0"]);
  });
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  const filesIn = async (name: string): Promise<number> =>
    (await readdir(dir.file(name), { recursive: true }).catch(() => [])).length;

  it("a module is kept in the folder of --cache-dir, and in no other", async () => {
    const url = `oci://${registry.host}/objects`;
    const flags = ["--cache-dir", dir.file("flag")];
    const env = { TENON_CACHE_DIR: dir.file("variable"), TIMONI_CACHING: "false" };
    await tenon(["build", "app", url, ...flags], { env });
    expect([await filesIn("flag"), await filesIn("variable")]).toEqual([expect.any(Number), 0]);
    expect(await filesIn("flag")).toBeGreaterThan(0);
    await tenon(["build", "app", url], { env });
    expect(await filesIn("variable")).toBeGreaterThan(0);
  });

  it("no help promises a way to turn the cache off", async () => {
    const help = await tenon(["build", "--help"]);
    expect(help).toMatch(/--cache-dir .*TENON_CACHE_DIR/);
    expect(help.toLowerCase()).not.toContain("caching");
  });
});
