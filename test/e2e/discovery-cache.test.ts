import { readdir, stat, writeFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { fixture, repoPath } from "../support/repo.ts";
import { kubectl, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

describe.skipIf(tools.missing)(`what a server serves is kept on disk${tools.reason}`, () => {
  let proxy: ApiProxy;
  let cache: TempDir;
  let env: Record<string, string>;
  beforeAll(async () => {
    proxy = await startApiProxy(sharedCluster());
    cache = await tempDir();
    env = { KUBECONFIG: proxy.kubeconfig, TENON_CACHE_DIR: cache.path };
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await cache?.[Symbol.asyncDispose]();
  });

  const module = repoPath("bench/fixtures/app");
  const discoveries = () => proxy.calls.filter(({ path }) => /^\/apis?$/.test(path)).length;
  const apply = (ns: string) => tenon(["apply", "web", module, "-n", ns], { env });

  it("so that a repeat does not ask, in a file for nobody else; a damaged one is no harm", async () => {
    const ns = newNamespace("discovery");
    await apply(ns);
    proxy.reset();
    await apply(ns);
    expect(discoveries()).toBe(0);
    const [name] = await readdir(cache.file("discovery"));
    const file = cache.file(`discovery/${name}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFile(file, "{");
    proxy.reset();
    expect(await apply(ns)).toContain("7 unchanged");
    expect(discoveries()).toBe(2);
  });

  it("and read anew when a kind comes or goes", async () => {
    const ns = newNamespace("kinds");
    await apply(ns);
    const args = ["apply", "things", fixture("health"), "-n", ns, "--wait=false"];
    const installed = await spawnTenon(args, { env });
    expect(installed.code, installed.stderr).toBe(0);
    await kubectl("delete", "crd", `widgets.${ns}.example.com`, `gadgets.${ns}.example.com`);
    const again = await spawnTenon(args, { env });
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toContain("4 created");
  });
});
