import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import {
  type FixtureInstance,
  bundleText,
  definitionOf,
  failingJob,
} from "../support/bundle-file.ts";
import { eventually } from "../support/eventually.ts";
import { kubectl, kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

type Instances = Readonly<Record<string, FixtureInstance>>;

interface Report {
  readonly complete: boolean;
  readonly clusters: readonly {
    readonly instances: readonly {
      readonly name: string;
      readonly result: string;
      readonly changes: readonly { kind: string; name: string; action: string; reason?: string }[];
    }[];
    readonly pruned: readonly { readonly name: string; readonly result: string }[];
  }[];
}

describe.skipIf(tools.missing)(`tenon bundle${tools.reason}`, () => {
  let dir: TempDir;
  let proxy: ApiProxy;

  beforeAll(async () => {
    dir = await tempDir();
    proxy = await startApiProxy(sharedCluster());
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  function run(...args: string[]) {
    return spawnTenon(["bundle", ...args], {
      env: { KUBECONFIG: proxy.kubeconfig },
      cwd: dir.path,
    });
  }

  async function apply(name: string, instances: Instances, ...flags: string[]) {
    const file = await dir.write({ [`${name}.cue`]: bundleText(name, instances) });
    return run("apply", "-f", file, ...flags);
  }

  async function applied(name: string, instances: Instances, ...flags: string[]): Promise<Report> {
    const { code, stdout, stderr } = await apply(name, instances, "-o", "json", ...flags);
    if (code !== 0) throw new Error(`it ended with ${code}\n${stdout}${stderr}`);
    return JSON.parse(stdout) as Report;
  }

  /** Where the first write to each object stands among all writes. */
  function placesOf(...paths: string[]): number[] {
    const writes = proxy.writes().filter(({ method }) => method === "PATCH");
    return paths.map((path) => {
      const place = writes.findIndex((call) => call.path.split("?")[0]!.endsWith(path));
      expect(place, `${path} among ${writes.map((call) => call.path).join()}`).not.toBe(-1);
      return place;
    });
  }

  describe("with dependencies", () => {
    const name = newNamespace("order");
    const [system, space] = [`${name}-system`, `${name}-space`];
    const group = `${name}.example.com`;
    const thing = { apiVersion: `${group}/v1`, kind: "Thing", metadata: { name: "x" }, spec: {} };
    const instances: Instances = {
      app: {
        namespace: space,
        dependsOn: ["db"],
        values: { objects: [{ ...thing, metadata: { name: "x", namespace: space } }] },
      },
      db: { namespace: space, values: { simulate: "slow:1s" } },
      crds: { namespace: system, values: { objects: [definitionOf(group, "Thing")] } },
      spaces: {
        namespace: system,
        values: { objects: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: space } }] },
      },
    };

    it("shows with --dry-run what would be created, also what nobody can be asked about yet", async () => {
      proxy.reset();
      const report = await applied(name, instances, "--dry-run");
      expect(proxy.writes()).toEqual([]);
      const all = report.clusters[0]!.instances.flatMap(({ changes }) => changes);
      expect(new Set(all.map(({ action }) => action))).toEqual(new Set(["created"]));
      expect(all.find(({ kind }) => kind === "Thing")?.reason).toBe(
        "kind Thing comes with instance crds",
      );
      const { code } = await apply(name, instances, "--diff", "--exit-code");
      expect(code).toBe(3);
    });

    it("applies each instance when what it depends on is ready", async () => {
      proxy.reset();
      const report = await applied(name, instances);
      expect(report.complete).toBe(true);
      const [app, db, crds, spaces, custom] = placesOf(
        `/${space}/configmaps/app`,
        `/${space}/deployments/db`,
        `/customresourcedefinitions/things.${group}`,
        `/namespaces/${space}`,
        `/${space}/things/x`,
      );
      expect(spaces).toBeLessThan(db!);
      expect(db).toBeLessThan(app!);
      expect(crds).toBeLessThan(app!);
      expect(app).toBeLessThan(custom!);
      // The record of the dependency is finished, which it is when everything is ready.
      const calls = proxy.writes();
      const dbDone = calls.findLastIndex(({ path }) => path.includes(`/${space}/secrets/tenon.db`));
      const appStarts = calls.findIndex(({ path }) => path.includes(`/${space}/configmaps/app`));
      expect(dbDone).toBeLessThan(appStarts);
    });

    it("labels the records of the instances with the bundle", async () => {
      const records = await kubectlGet("secrets", "-A", "-l", `tenon.dev/bundle=${name}`);
      expect(records.map(({ metadata }) => metadata.name).toSorted()).toEqual(
        ["app", "crds", "db", "spaces"].map((instance) => `tenon.${instance}`),
      );
    });

    it("writes nothing when it is repeated", async () => {
      proxy.reset();
      const report = await applied(name, instances);
      const all = report.clusters[0]!.instances.flatMap(({ changes }) => changes);
      expect(new Set(all.map(({ action }) => action))).toEqual(new Set(["unchanged"]));
      expect(proxy.writes()).toEqual([]);
    });

    it("tells with diff that nothing differs, and what does", async () => {
      const same = await run("diff", "-f", `${name}.cue`);
      expect(same.code, same.stderr).toBe(0);
      const changed = { ...instances, db: { ...instances["db"]!, values: { message: "bye" } } };
      await dir.write({ "changed.cue": bundleText(name, changed) });
      proxy.reset();
      const differs = await run("diff", "-f", "changed.cue");
      expect(differs.code).toBe(3);
      expect(differs.stdout).toContain(`b:${name} i:db ConfigMap/${space}/db configured`);
      expect(differs.stdout).toContain('~ data.message: "hello" → "bye"');
      expect(proxy.writes()).toEqual([]);
    });

    it("prints the tree of the bundle with status, and exits with 3 when something is amiss", async () => {
      const ready = await run("status", name);
      expect(ready.code, ready.stdout + ready.stderr).toBe(0);
      expect(ready.stdout).toContain(`b:${name} ready revision 1`);
      expect(ready.stdout).toContain(`ConfigMap/${space}/app Current`);
      await kubectl("delete", "configmap", "app", "-n", space);
      const missing = await run("status", "-f", `${name}.cue`);
      expect(missing.code).toBe(3);
      expect(missing.stdout).toContain(`ConfigMap/${space}/app NotFound`);
      const watching = startTenon(["bundle", "status", name, "--watch"], {
        env: { KUBECONFIG: proxy.kubeconfig },
      });
      const sees = (text: string): Promise<true> =>
        eventually(() => (watching.stdout().includes(text) ? true : undefined), { what: text });
      await sees(`ConfigMap/${space}/app NotFound`);
      const repaired = await applied(name, instances);
      expect(repaired.complete).toBe(true);
      await sees(`ConfigMap/${space}/app Current`);
      watching.child.kill("SIGINT");
      expect((await watching.result).code).toBe(130);
      expect((await run("status", name)).code).toBe(0);
    });

    it("lists the bundle with -A and by namespace", async () => {
      const { stdout } = await run("list", "-A");
      expect(stdout).toMatch(new RegExp(`^${name} +4 +.*applied$`, "m"));
      expect((await run("list", "-n", space)).stdout).toContain(name);
      expect((await run("list", "-n", `${name}-elsewhere`)).stdout).not.toContain(name);
    });

    it("refuses to prune the namespace of an instance that stays, before anything is written", async () => {
      const { spaces: _, ...rest } = instances;
      proxy.reset();
      const { code, stderr } = await apply(name, rest);
      expect(code).toBe(2);
      expect(stderr).toContain("[DEPLOY_PRUNE_UNSAFE]");
      expect(proxy.writes()).toEqual([]);
    });

    it("prunes what has left the bundle across namespaces, in reverse order, and not before", async () => {
      const { app: _, spaces: __, db: ___, ...crds } = instances;
      proxy.reset();
      const kept = await applied(name, { ...crds }, "--prune=false");
      expect(kept.clusters[0]!.pruned).toEqual([]);
      expect(proxy.writes()).toEqual([]);
      const definitions = crds["crds"]!.values!.objects!;
      const objects = [...definitions, failingJob("bad", system)];
      const failed = await apply(name, { crds: { namespace: system, values: { objects } } });
      expect(failed.code).toBe(1);
      expect(await kubectl("get", "configmap", "app", "-n", space, "-o", "name")).toContain("app");
      const pruned = await applied(name, crds);
      expect(pruned.clusters[0]!.pruned.map((one) => one.name)).toEqual(["app", "db", "spaces"]);
      const left = await kubectl("get", "namespace", space, "--ignore-not-found");
      expect(left).toBe("");
      const records = await kubectlGet("secrets", "-A", "-l", `tenon.dev/bundle=${name}`);
      expect(records.map(({ metadata }) => metadata.name)).toEqual(["tenon.crds"]);
    });

    it("is undone by delete, which removes its record last", async () => {
      proxy.reset();
      const { code, stderr } = await run("delete", name);
      expect(code, stderr).toBe(0);
      const deletions = proxy.writes().filter(({ method }) => method === "DELETE");
      expect(deletions.at(-1)?.path).toContain(`/secrets/tenon-bundle.${name}`);
      expect((await run("list")).stdout).not.toContain(name);
      const again = await run("delete", name);
      expect(again.code).toBe(1);
      expect(again.stderr).toContain("[DEPLOY_BUNDLE_NOT_FOUND]");
      expect((await run("status", name)).code).toBe(1);
    });
  });

  it("goes in the order of declaration with --max-parallel 1, and several at a time without", async () => {
    const name = newNamespace("parallel");
    const plain = { namespace: name, values: { simulate: "slow:1s" } };
    const instances: Instances = {
      c: plain,
      a: { ...plain, dependsOn: ["b"] },
      b: plain,
      d: plain,
    };
    const { stderr } = await apply(name, instances, "--max-parallel", "1");
    const lines = [...stderr.matchAll(/i:(\w) (applying|done)/g)].map(
      ([, instance, what]) => `${instance} ${what}`,
    );
    expect(lines).toEqual(
      ["c", "b", "a", "d"].flatMap((instance) => [`${instance} applying`, `${instance} done`]),
    );
    await run("delete", name);
    const { stderr: together } = await apply(name, instances);
    const first = /i:\w done/.exec(together)?.index;
    const started = [...together.slice(0, first).matchAll(/i:(\w) applying/g)].map(
      ([, one]) => one,
    );
    expect(started).toEqual(["c", "b", "d"]);
    await run("delete", name);
  });

  it("writes nothing anywhere when one instance cannot be built", async () => {
    const name = newNamespace("unbuilt");
    const bad = { namespace: name, values: { message: 5 as unknown as string } };
    proxy.reset();
    const { code, stderr } = await apply(name, {
      one: { namespace: name },
      two: { namespace: name },
      bad,
    });
    expect(code).toBe(2);
    expect(stderr).toContain("message");
    expect(proxy.writes()).toEqual([]);
    const both = await apply(name, { bad, worse: bad });
    expect(both.stderr).toContain("[DEPLOY_INSTANCES_INVALID]");
    expect(both.code).toBe(2);
  });

  it("shows a cycle that it found by itself, and writes nothing", async () => {
    const name = newNamespace("cycle");
    const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: `${name}-x` } };
    proxy.reset();
    const { code, stderr } = await apply(name, {
      spaces: { namespace: name, dependsOn: ["app"], values: { objects: [space] } },
      app: { namespace: `${name}-x` },
    });
    expect(code).toBe(2);
    expect(stderr).toContain("spaces → app → spaces");
    expect(stderr).toContain(`app needs spaces, which has namespace ${name}-x`);
    expect(proxy.writes()).toEqual([]);
  });

  it("names every instance that another bundle has, before anything is written", async () => {
    const name = newNamespace("owners");
    await applied(name, { one: { namespace: name }, two: { namespace: name } });
    proxy.reset();
    const thief: Instances = {
      zero: { namespace: name },
      one: { namespace: name },
      two: { namespace: name },
    };
    const { code, stderr } = await apply(`${name}-thief`, thief);
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_BUNDLE_CONFLICT]");
    expect(stderr).toContain(`instance one in ${name}: it is managed by bundle ${name}`);
    expect(stderr).toContain(`instance two in ${name}: it is managed by bundle ${name}`);
    expect(proxy.writes()).toEqual([]);
    await applied(`${name}-thief`, thief, "--overwrite-ownership");
    // What another bundle has taken over is not pruned by the one that had it.
    const { code: pruned, stderr: why } = await apply(name, { three: { namespace: name } });
    expect(pruned, why).toBe(0);
    const left = await kubectlGet("configmaps", "-n", name);
    expect(left.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(["one", "two", "zero", "three"]),
    );
    await run("delete", `${name}-thief`);
    await run("delete", name);
  });
});
