import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import {
  type FixtureInstance,
  type FixtureWave,
  bundleText,
  failingJob,
  runtimeText,
} from "../support/bundle-file.ts";
import { outputOf } from "../support/run-process.ts";
import { newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TestCluster, startCluster } from "../support/start-cluster.ts";
import { freePort } from "../support/start-server.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon } from "../support/tenon.ts";
import { needs, toolPath } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

type Instances = Readonly<Record<string, FixtureInstance>>;

/** When things happened to one cluster, in milliseconds. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

describe.skipIf(tools.missing)(`tenon bundle on several clusters${tools.reason}`, () => {
  let dir: TempDir;
  let others: readonly TestCluster[] = [];
  let proxies: Record<"fast" | "other" | "slow", ApiProxy>;

  beforeAll(async () => {
    dir = await tempDir();
    others = await Promise.all([startCluster(), startCluster()]);
    proxies = {
      fast: await startApiProxy(sharedCluster()),
      other: await startApiProxy(others[0]!.info),
      slow: await startApiProxy(others[1]!.info, { delayMs: 400 }),
    };
    await dir.write({ kubeconfig: await kubeconfig() });
  });
  afterAll(async () => {
    for (const proxy of Object.values(proxies ?? {})) await proxy[Symbol.asyncDispose]();
    for (const cluster of others) await cluster[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  /** A kubeconfig with a context for each proxy, and one that leads nowhere. */
  async function kubeconfig(): Promise<string> {
    const servers = Object.entries(proxies).map(([name, { url }]) => [name, url]);
    const all = [...servers, ["down", `http://127.0.0.1:${await freePort()}`]];
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "fast",
      clusters: all.map(([name, server]) => ({ name, cluster: { server } })),
      users: [{ name: "nobody", user: {} }],
      contexts: all.map(([name]) => ({ name, context: { cluster: name, user: "nobody" } })),
    });
  }

  const options = () => ({ env: { KUBECONFIG: dir.file("kubeconfig") }, cwd: dir.path });

  async function argsFor(
    name: string,
    clusters: readonly string[],
    from: { readonly instances: Instances; readonly waves?: readonly FixtureWave[] },
  ): Promise<string[]> {
    await dir.write({
      [`${name}.cue`]: bundleText(name, from.instances, from.waves),
      [`${name}-runtime.cue`]: runtimeText(
        Object.fromEntries(clusters.map((cluster) => [cluster, cluster])) as Record<string, string>,
      ),
    });
    return ["-f", `${name}.cue`, "-r", `${name}-runtime.cue`];
  }

  function run(command: string, args: readonly string[]) {
    return spawnTenon(["bundle", command, ...args], options());
  }

  function kubectlOn(context: string, ...args: string[]): Promise<string> {
    const env = { ...process.env, KUBECONFIG: dir.file("kubeconfig") };
    return outputOf(toolPath("TENON_TEST_KUBECTL"), ["--context", context, ...args], { env });
  }

  function mapsOn(context: string, namespace: string): Promise<string> {
    const names = "jsonpath={.items[*].metadata.name}";
    return kubectlOn(
      context,
      "get",
      "configmaps",
      "-n",
      namespace,
      "-l",
      "tenon.dev/instance",
      "-o",
      names,
    );
  }

  /** Notes from now on when writes to each cluster were answered. */
  function watchWrites(): () => Record<string, Interval> {
    const times = new Map<string, number[]>();
    for (const [name, proxy] of Object.entries(proxies)) {
      times.set(name, []);
      proxy.reset(({ method, path }) => {
        if (method !== "GET" && !path.includes("dryRun")) times.get(name)!.push(performance.now());
      });
    }
    return () =>
      Object.fromEntries(
        [...times].map(([name, all]) => [name, { first: all[0] ?? NaN, last: all.at(-1) ?? NaN }]),
      ) as Record<string, Interval>;
  }

  it("goes to three API servers at once, one of them down and one of them slow", async () => {
    const name = newNamespace("fleet");
    const instances: Instances = {
      web: { namespace: name, dependsOn: ["db"] },
      db: { namespace: name, values: { simulate: "slow:1s" } },
      jobs: { namespace: name, dependsOn: ["web"] },
    };
    const args = await argsFor(name, ["slow", "down", "fast", "other"], { instances });
    const intervals = watchWrites();
    const { code, stdout, stderr } = await run("apply", args);
    expect(code).toBe(1);
    const { fast, other, slow } = intervals();
    // Side by side: each begins before the other has ended.
    expect(fast!.first).toBeLessThan(other!.last);
    expect(other!.first).toBeLessThan(fast!.last);
    // Nobody waits for the one that is slow, although it is the first.
    expect(Math.max(fast!.last, other!.last)).toBeLessThan(slow!.last);
    expect(slow!.first).toBeLessThan(slow!.last);
    expect(stderr).toContain(`b:${name} c:down error:`);
    expect(stderr).toContain("[KUBE_UNREACHABLE]");
    expect(stderr.match(/\[KUBE_UNREACHABLE\]$/gm)?.length).toBe(2);
    for (const cluster of ["fast", "other", "slow"]) {
      expect(stdout, stderr).toMatch(new RegExp(`^${cluster} +web .*applied$`, "m"));
      expect(await mapsOn(cluster, name)).toBe("db jobs web");
    }
    expect(stdout).toMatch(/^down +web .*KUBE_UNREACHABLE$/m);
    const status = await run("status", args);
    expect(status.code).toBe(1);
    expect(status.stdout).toContain(`b:${name} c:fast ready`);
    const one = await run("status", [...args, "--runtime-cluster", "slow"]);
    expect(one.code, one.stdout).toBe(0);
  });

  it("refuses two clusters that are one, and a context that does not exist", async () => {
    const name = newNamespace("same");
    const instances: Instances = { web: { namespace: name } };
    await argsFor(name, ["fast"], { instances });
    await dir.write({ "same.cue": runtimeText({ one: "fast", two: "fast" }) });
    const same = await run("apply", ["-f", `${name}.cue`, "-r", "same.cue"]);
    expect(same.code).toBe(2);
    expect(same.stderr).toContain("[DEPLOY_CLUSTERS_OVERLAP]");
    await dir.write({ "unknown.cue": runtimeText({ one: "fast", two: "nowhere" }) });
    const unknown = await run("apply", ["-f", `${name}.cue`, "-r", "unknown.cue"]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("[KUBE_CONTEXT_UNKNOWN]");
    expect(await mapsOn("fast", name)).toBe("");
  });

  it("goes on while a failure on one cluster keeps that one from going on", async () => {
    const name = newNamespace("isolated");
    const instances: Instances = {
      base: { namespace: name },
      job: { namespace: name, dependsOn: ["base"] },
    };
    // On one of the clusters nothing can be created there.
    await kubectlOn("other", "create", "namespace", name);
    await kubectlOn("other", "create", "quota", "none", "-n", name, "--hard=count/configmaps=0");
    const args = await argsFor(name, ["other", "fast"], { instances });
    const { code, stdout } = await run("apply", args);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^other +base .*failed: KUBE_/m);
    expect(stdout).toMatch(/^other +job .*skipped/m);
    expect(stdout).toMatch(/^fast +job .*applied$/m);
  });

  describe("with waves", () => {
    const clusters = ["fast", "other"];
    const waves: readonly FixtureWave[] = [
      { name: "canary", clusters: ["other"], soak: "2s" },
      { name: "rest", instances: ["web"] },
    ];

    it("starts a wave when the one before it has been ready for its soak time", async () => {
      const name = newNamespace("waves");
      const plain = { namespace: name, values: { simulate: "slow:1s" } };
      const args = await argsFor(name, clusters, { instances: { late: plain, web: plain }, waves });
      const intervals = watchWrites();
      const { code, stderr } = await run("apply", args);
      expect(code, stderr).toBe(0);
      const { fast, other } = intervals();
      const wave = stderr.indexOf("wave canary is ready, watching it for");
      expect(wave).toBeGreaterThan(-1);
      const order = [...stderr.matchAll(/c:(\w+) i:(\w+) applying/g)].map(
        ([, cluster, instance]) => `${cluster}/${instance}`,
      );
      expect(order.slice(0, 2).toSorted()).toEqual(["other/late", "other/web"]);
      expect(order.slice(2)).toEqual(["fast/web", "fast/late"]);
      expect(stderr.indexOf("c:fast i:web applying")).toBeGreaterThan(wave);
      expect(fast!.last).toBeGreaterThan(other!.last);
      const again = await run("apply", args);
      expect(again.code).toBe(0);
      expect(again.stdout).toMatch(/^fast +web .*2 unchanged/m);
    });

    it("does not start when the one before it fails, or does not stay ready", async () => {
      const name = newNamespace("broken");
      const bad: Instances = {
        web: { namespace: name, values: { objects: [failingJob("bad", name)] } },
        late: { namespace: name },
      };
      const failed = await run("apply", [
        ...(await argsFor(name, clusters, { instances: bad, waves })),
        "--on-failure",
        "continue",
      ]);
      expect(failed.code).toBe(1);
      expect(failed.stdout).toMatch(/^fast +web .*skipped: a wave before it failed$/m);
      expect(await mapsOn("other", name)).toBe("late web");
      expect(await mapsOn("fast", name)).toBe("");
      const soaking: readonly FixtureWave[] = [{ ...waves[0]!, soak: "20s" }];
      const good: Instances = { web: { namespace: name, values: { simulate: "slow:100ms" } } };
      const args = await argsFor(name, clusters, { instances: good, waves: soaking });
      const running = startTenon(["bundle", "apply", ...args, "--timeout", "5s"], options());
      running.child.stderr?.on("data", () => {
        if (!running.stderr().includes("wave canary is ready") || broken !== undefined) return;
        broken = breakPods("other", name);
      });
      let broken: Promise<string> | undefined;
      const { code, stderr, stdout } = await running.result;
      await broken;
      expect(code).toBe(1);
      expect(stderr).toContain("[DEPLOY_WAVE_NOT_READY]");
      expect(stdout).toMatch(/^fast +web .*skipped: the wave before it did not stay ready$/m);
      expect(await mapsOn("fast", name)).toBe("");
    });

    function breakPods(context: string, namespace: string): Promise<string> {
      const never = "cluster.tenon.dev/simulate=never-ready";
      return kubectlOn(context, "annotate", "pods", "-n", namespace, "--all", "--overwrite", never);
    }
  });

  it("prunes and deletes on each cluster what that cluster has, also without the files", async () => {
    const name = newNamespace("pruned");
    const both: Instances = { a: { namespace: name }, b: { namespace: `${name}-b` } };
    const clusters = ["fast", "other"];
    const args = await argsFor(name, clusters, { instances: both });
    expect((await run("apply", args)).code).toBe(0);
    await argsFor(name, clusters, { instances: { a: { namespace: name } } });
    const diff = await run("diff", [...args, "--runtime-cluster", "other"]);
    expect(diff.code).toBe(3);
    expect(diff.stdout).toMatch(/^other +b .*to be pruned$/m);
    expect((await run("apply", [...args, "--runtime-cluster", "other"])).code).toBe(0);
    expect(await mapsOn("other", `${name}-b`)).toBe("");
    expect(await mapsOn("fast", `${name}-b`)).toBe("b");
    // On its own the cluster knows the bundle by the name that the runtime has for it.
    const deleted = await run("delete", [name, "--kube-context", "fast"]);
    expect(deleted.code, deleted.stderr).toBe(0);
    expect(await mapsOn("fast", name)).toBe("");
    expect(await mapsOn("fast", `${name}-b`)).toBe("");
    expect(await mapsOn("other", name)).toBe("a");
    const listed = await run("list", args.slice(2));
    expect(listed.stdout).toMatch(new RegExp(`^other +${name} `, "m"));
    expect(listed.stdout).not.toMatch(new RegExp(`^fast +${name} `, "m"));
  });
});
