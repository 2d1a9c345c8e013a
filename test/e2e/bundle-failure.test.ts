import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { type FixtureInstance, bundleText, failingJob } from "../support/bundle-file.ts";
import { eventually } from "../support/eventually.ts";
import { kubectl, kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

type Instances = Readonly<Record<string, FixtureInstance>>;

describe.skipIf(tools.missing)(`tenon bundle when something fails${tools.reason}`, () => {
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

  const options = () => ({ env: { KUBECONFIG: proxy.kubeconfig }, cwd: dir.path });

  function run(...args: string[]) {
    return spawnTenon(["bundle", ...args], options());
  }

  function fileOf(name: string, instances: Instances): Promise<string> {
    return dir.write({ [`${name}.cue`]: bundleText(name, instances) });
  }

  async function applyResults(
    name: string,
    instances: Instances,
    ...flags: string[]
  ): Promise<{ code: number; results: Record<string, string> }> {
    const file = await fileOf(name, instances);
    const { code, stdout } = await run("apply", "-f", file, "-o", "json", ...flags);
    const report = JSON.parse(stdout) as {
      clusters: { instances: { name: string; result: string; reason?: string }[] }[];
    };
    const entries = report.clusters[0]!.instances.map(({ name: instance, result, reason }) => [
      instance,
      reason === undefined ? result : `${result}: ${reason}`,
    ]);
    return { code, results: Object.fromEntries(entries) as Record<string, string> };
  }

  function withFailure(namespace: string): Instances {
    return {
      bad: { namespace, values: { objects: [failingJob("bad", namespace)] } },
      child: { namespace, dependsOn: ["bad"] },
      grandchild: { namespace, dependsOn: ["child"] },
      free: { namespace },
    };
  }

  it("starts nothing more after a failure, or with --on-failure continue all that can still go", async () => {
    const name = newNamespace("policy");
    const serial = ["--max-parallel", "1"];
    const stopped = await applyResults(name, withFailure(name), ...serial);
    expect(stopped).toEqual({
      code: 1,
      results: {
        bad: "failed",
        child: "skipped: it depends on bad, which failed",
        grandchild: "skipped: it depends on bad, which failed",
        free: "skipped: bad failed before it",
      },
    });
    const continued = await applyResults(
      name,
      withFailure(name),
      ...serial,
      "--on-failure",
      "continue",
    );
    expect(continued).toEqual({
      code: 1,
      results: {
        bad: "failed",
        child: "skipped: it depends on bad, which failed",
        grandchild: "skipped: it depends on bad, which failed",
        free: "done",
      },
    });
    const status = await run("status", name);
    expect(status.code).toBe(3);
    expect(status.stdout).toContain("i:child missing");
    expect(status.stdout).toContain("[KUBE_NOT_READY]");
    const { stdout } = await run("list");
    expect(stdout).toMatch(new RegExp(`^${name} .*failed$`, "m"));
  });

  it("reports each failure with its place, and a summary", async () => {
    const name = newNamespace("report");
    const file = await fileOf(name, withFailure(name));
    const { code, stdout, stderr } = await run("apply", "-f", file, "--on-failure", "continue");
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^b:${name} i:bad error: .*\\[KUBE_NOT_READY\\]$`, "m"));
    expect(stdout).toMatch(/^bad +.*failed: KUBE_NOT_READY$/m);
    expect(stdout).toMatch(/^free +.*applied$/m);
  });

  it("keeps instances on its list whatever a run did not come to, and deletes them all", async () => {
    const name = newNamespace("left");
    await applyResults(name, { old: { namespace: name }, kept: { namespace: name } });
    const bad = { namespace: name, values: { objects: [failingJob("bad", name)] } };
    const { code } = await applyResults(name, { bad, kept: { namespace: name } });
    expect(code).toBe(1);
    // What has left the bundle stays as long as the rest is not well.
    expect(await kubectl("get", "configmap", "old", "-n", name, "-o", "name")).toContain("old");
    const { stdout } = await run("delete", name, "-o", "json");
    const report = JSON.parse(stdout) as { clusters: { instances: { name: string }[] }[] };
    const names = report.clusters[0]!.instances.map((instance) => instance.name);
    expect(names.toSorted()).toEqual(["bad", "kept", "old"]);
    const maps = await kubectlGet("configmaps,secrets", "-n", name);
    expect(maps.map(({ metadata }) => metadata.name)).toEqual(["kube-root-ca.crt"]);
  });

  it("completes what a run began that was killed, wherever that was", async () => {
    const outcomes = new Set<string>();
    for (const at of [4, 9, 14, 19, 24, 30, 36, 42]) {
      const name = newNamespace(`killed-${at}`);
      const before: Instances = { gone: { namespace: `${name}-b` }, a: { namespace: name } };
      expect((await applyResults(name, before)).code).toBe(0);
      const after: Instances = {
        b: { namespace: name, dependsOn: ["a"] },
        a: { namespace: name, values: { message: "new" } },
        c: { namespace: `${name}-b`, dependsOn: ["b"] },
      };
      const file = await fileOf(name, after);
      const running = startTenon(["bundle", "apply", "-f", file], options());
      proxy.reset((_, count) => {
        if (count === at) running.child.kill("SIGKILL");
      });
      const { signal } = await running.result;
      outcomes.add(signal ?? "ended");
      await proxy.idle();
      proxy.reset();
      expect((await applyResults(name, after)).code, `killed at ${at}`).toBe(0);
      const live = await Promise.all(
        [name, `${name}-b`].map((namespace) =>
          kubectlGet("configmaps", "-n", namespace, "-l", "tenon.dev/instance"),
        ),
      );
      const names = live.flat().map(({ metadata }) => metadata.name);
      expect(names.toSorted(), `killed at ${at}`).toEqual(["a", "b", "c"]);
      const { stdout } = await run("list");
      expect(stdout).toMatch(new RegExp(`^${name} +3 .*applied$`, "m"));
      expect((await run("delete", name)).code, `killed at ${at}`).toBe(0);
    }
    expect(outcomes.has("SIGKILL")).toBe(true);
  }, 600_000);

  it("deletes in reverse order, waits for finalizers and names what blocks", async () => {
    const name = newNamespace("finalizer");
    const instances: Instances = {
      web: { namespace: name, dependsOn: ["db"] },
      db: { namespace: name },
    };
    await applyResults(name, instances);
    const patch = (finalizers: readonly string[]): Promise<string> =>
      kubectl(
        "patch",
        "configmap",
        "web",
        "-n",
        name,
        "--type=merge",
        "-p",
        JSON.stringify({ metadata: { finalizers } }),
      );
    await patch(["example.com/wait"]);
    const blocked = await run("delete", name, "--timeout", "2s");
    expect(blocked.code).toBe(1);
    expect(blocked.stderr).toContain("[KUBE_TIMEOUT]");
    expect(blocked.stderr).toContain("example.com/wait");
    expect(await kubectl("get", "configmap", "db", "-n", name, "-o", "name")).toContain("db");
    const { code, stdout } = await run("status", name);
    expect(code).toBe(3);
    expect(stdout).toContain(`b:${name} deleting`);
    const waiting = startTenon(["bundle", "delete", name], options());
    await eventually(() => (waiting.stderr().includes("to be gone") ? true : undefined), {
      what: "the delete to wait",
    });
    await patch([]);
    expect((await waiting.result).code).toBe(0);
    const left = await kubectlGet("configmaps,secrets", "-n", name);
    expect(left.map(({ metadata }) => metadata.name)).toEqual(["kube-root-ca.crt"]);
  });

  it("stops between instances when it is interrupted, and says what is done", async () => {
    const name = newNamespace("interrupted");
    const file = await fileOf(name, {
      first: { namespace: name },
      slow: { namespace: name, dependsOn: ["first"], values: { simulate: "never-ready" } },
      last: { namespace: name, dependsOn: ["slow"] },
    });
    const running = startTenon(["bundle", "apply", "-f", file], options());
    await eventually(() => (running.stderr().includes("waiting for") ? true : undefined), {
      what: "the apply to wait",
    });
    running.child.kill("SIGINT");
    const { code, stderr } = await running.result;
    expect(code).toBe(130);
    expect(stderr).toContain(`done: first: ConfigMap/${name}/first created`);
    expect(stderr).toContain("Run the same command again");
    const maps = await kubectlGet("configmaps", "-n", name, "-l", "tenon.dev/instance=last");
    expect(maps).toEqual([]);
    expect((await run("delete", name)).code).toBe(0);
  });

  it("does not let a damaged record hide the others", async () => {
    const name = newNamespace("damaged");
    await applyResults(name, { one: { namespace: name }, two: { namespace: name } });
    const damage = ["--type=merge", "-p", JSON.stringify({ data: { record: "bm90IGpzb24=" } })];
    await kubectl("patch", "secret", "tenon.one", "-n", name, ...damage);
    const { code, stdout } = await run("status", name);
    expect(code).toBe(3);
    expect(stdout).toContain("i:one unreadable");
    expect(stdout).toContain("i:two ready");
    await kubectl("patch", "secret", `tenon-bundle.${name}`, "-n", name, ...damage);
    const listed = await run("list");
    expect(listed.code).toBe(0);
    expect(listed.stderr).toContain(`b:${name}`);
    expect(listed.stdout).toContain("NAME");
    expect((await run("status", name)).code).toBe(1);
    await kubectl("delete", "namespace", name, "--wait=false");
  });

  it("rejects a second run on the same bundle while the first is at work", async () => {
    const name = newNamespace("twice");
    const file = await fileOf(name, {
      slow: { namespace: name, values: { simulate: "slow:20s" } },
    });
    const first = startTenon(["bundle", "apply", "-f", file], options());
    await eventually(() => (first.stderr().includes("waiting for") ? true : undefined), {
      what: "the first run to wait",
    });
    const second = await run("apply", "-f", file);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("[KUBE_RECORD_LOCKED]");
    const status = await run("status", name);
    expect(status.code).toBe(3);
    expect(status.stdout).toMatch(/apply since .*, process \d+ on /);
    expect((await first.result).code).toBe(0);
    expect((await run("delete", name)).code).toBe(0);
  });
});
