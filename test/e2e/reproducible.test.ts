import { cp, readFile } from "node:fs/promises";

import { sha256 } from "@tenon/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import { repoPath } from "../support/repo.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";
import { needs, toolPath } from "../support/tools.ts";

const tools = needs("TENON_TEST_NODE22", "TENON_TEST_NODE24");

// Each Node has a zlib of its own.
describe.skipIf(tools.missing)(`what is packed on Node 20, 22 and 24${tools.reason}`, () => {
  let dir: TempDir;
  let registry: TestRegistry;
  let nodes: readonly string[];

  beforeAll(async () => {
    nodes = [process.execPath, toolPath("TENON_TEST_NODE22"), toolPath("TENON_TEST_NODE24")];
    dir = await tempDir();
    await cp(repoPath("modules/redis"), dir.file("redis"), { recursive: true });
    registry = await startEmbeddedRegistry();
  });
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  const onEach = <T>(run: (node: string, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(nodes.map(run));

  it("is a module of the same bytes", async () => {
    const digests = await onEach(async (node, index) => {
      const file = dir.file(`redis-${index}.tar`);
      await tenon(["mod", "build", dir.file("redis"), "-v", "1.0.0", "-o", file], { node });
      return sha256(await readFile(file));
    });
    expect(new Set(digests).size).toBe(1);
  });

  it("is a render of the same digest", async () => {
    const digests = await onEach(async (node, index) => {
      const push = ["--push", `oci://${registry.host}/rendered/redis:${index}.0.0`, "-o", "json"];
      const built = await tenon(["build", "redis", dir.file("redis"), ...push], { node });
      return (JSON.parse(built) as { digest: string }).digest;
    });
    expect(new Set(digests).size).toBe(1);
  });
});
