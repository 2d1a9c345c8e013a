import { cp } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { fixture, repoPath } from "../support/repo.ts";
import { kubectl, kubectlWith, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

describe.skipIf(tools.missing)(`custom health checks${tools.reason}`, () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await tempDir();
  });
  afterAll(() => dir?.[Symbol.asyncDispose]());

  const env = () => ({ KUBECONFIG: sharedCluster().kubeconfig });
  const apply = (ns: string, ...more: string[]) =>
    startTenon(["apply", "things", fixture("health"), "-n", ns, ...more], { env: env() });
  /** What a controller would write, as soon as the object is there. */
  const status = (ns: string, plural: string, value: object) =>
    eventually(
      () =>
        kubectl(
          "patch",
          `${plural}.${ns}.example.com/one`,
          `--namespace=${ns}`,
          "--subresource=status",
          "--type=merge",
          `--patch=${JSON.stringify({ status: value })}`,
        ).catch(() => undefined),
      { what: `${plural}/one`, timeoutMs: 60_000 },
    );

  it.each(["native", "wasm"])(
    "in CUE and in CEL decide when an apply is done (%s)",
    async (engine) => {
      const ns = newNamespace("health");
      const running = startTenon(["apply", "things", fixture("health"), "-n", ns], {
        env: { ...env(), TENON_ENGINE: engine },
      });
      await status(ns, "widgets", { phase: "Ready" });
      await status(ns, "gadgets", { phase: "Ready", count: 1 });
      const early = await spawnTenon(["status", "things", "-n", ns, "-o", "json"], { env: env() });
      expect(early.code).toBe(3);
      await status(ns, "gadgets", { count: 2 });
      const { code, stderr } = await running.result;
      expect(code, stderr).toBe(0);
      const late = await spawnTenon(["status", "things", "-n", ns], { env: env() });
      expect(late.stdout).toContain(`Widget/${ns}/one Current - current by health check widgets`);
      expect(late.stdout).toContain(`Gadget/${ns}/one Current - current by health check gadgets`);
      expect(late.code).toBe(0);
    },
  );

  it("are known to a status that has no module at hand", async () => {
    const ns = newNamespace("alone");
    await using copy = await tempDir();
    await cp(fixture("health"), copy.file("m"), { recursive: true });
    const args = ["apply", "things", copy.file("m"), "-n", ns, "--wait=false"];
    await spawnTenon(args, { env: env() });
    await status(ns, "widgets", { phase: "Ready" });
    await status(ns, "gadgets", { phase: "Ready", count: 1 });
    await copy.remove("m");
    const { code, stdout } = await spawnTenon(["status", "things", "-n", ns], { env: env() });
    expect(code).toBe(3);
    expect(stdout).toContain(`Widget/${ns}/one Current - current by health check widgets`);
    const waiting = `Gadget/${ns}/one InProgress - not yet current by health check gadgets`;
    expect(stdout).toContain(waiting);
  });

  it("of the library are those of modules/app", async () => {
    const ns = newNamespace("route");
    await kubectlWith(routes, "apply", "--server-side", "-f", "-");
    const values = {
      route: { via: "httproute", hosts: ["a.example.com"], gateways: [{ name: "public" }] },
    };
    const file = await dir.write({ "route.json": JSON.stringify({ values }) });
    const args = ["apply", "web", repoPath("modules/app"), "-n", ns, "-f", file];
    const running = startTenon(args, { env: env() });
    const route = "httproutes.gateway.networking.k8s.io/web";
    const find = () => kubectl("get", route, "-n", ns).catch(() => undefined);
    await eventually(find, { what: route, timeoutMs: 60_000 });
    const seen = () => spawnTenon(["status", "web", "-n", ns], { env: env() });
    expect((await seen()).stdout).toContain(
      `HTTPRoute/${ns}/web InProgress - not yet current by health check httproute`,
    );
    const accepted = [{ type: "Accepted", status: "True", observedGeneration: 1 }];
    const parentRef = { group: "gateway.networking.k8s.io", kind: "Gateway", name: "public" };
    const parents = [{ parentRef, conditions: accepted }];
    const patch = JSON.stringify({ status: { parents } });
    await kubectl("patch", route, "-n", ns, "--subresource=status", "--type=merge", "-p", patch);
    const { code, stderr } = await running.result;
    expect(code, stderr).toBe(0);
    expect((await seen()).stdout).toContain(
      `HTTPRoute/${ns}/web Current - current by health check httproute`,
    );
  });

  it.each(["widgets", "gadgets"])("end the wait at once when %s have failed", async (plural) => {
    const ns = newNamespace("broken");
    const running = apply(ns);
    await status(ns, plural, { phase: "Broken" });
    const { code, stderr } = await running.result;
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_NOT_READY]");
    expect(stderr).toContain(`Failed: failed by health check ${plural}`);
  });

  it("that cannot be evaluated are told at the deadline", async () => {
    const ns = newNamespace("unknown");
    const running = apply(ns, "--timeout", "8s");
    await status(ns, "gadgets", { phase: "Ready", count: 2 });
    await status(ns, "widgets", { phase: 7 });
    const { code, stderr } = await running.result;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Widget\S+ Unknown: its health check failed: #object\.status\.phase/);
  });

  it.each([
    ["build", ["build", "things", fixture("health")]],
    ["mod vet", ["mod", "vet", fixture("health")]],
  ])("are checked by %s, where they are written", async (command, args) => {
    const problem =
      'timoni.healthChecks."gadgets".cel.current: Unexpected token: EOF [SCHEMA_HEALTH_CHECK_INVALID]';
    const values = { expression: "status.phase ==" };
    const file = await dir.write({ "values.json": JSON.stringify({ values }) });
    const { code, stderr } = await spawnTenon([...args, "-f", file]);
    expect(code).toBe(2);
    expect(stderr.slice(stderr.indexOf("error:")).replaceAll(file, "FILE")).toBe(
      `error: Cannot build instance ${command === "build" ? "things" : "default"} of module ${fixture("health")}: ${problem}
FILE:1:13: Unexpected token: EOF (timoni.healthChecks."gadgets".cel.current)
    1 | {"values":{"expression":"status.phase =="}}
      |             ^
  see ${fixture("health")}/timoni.cue:41:5
hint: CEL sees the fields of the object by name, such as status.phase == 'Ready'
`,
    );
  });

  it("are checked before anything is applied: those without current, and those about one kind", async () => {
    const module = await tempDir();
    const checks = (text: string) => `package main

values: {}
timoni: {
	apiVersion: "v1alpha1"
	instance: config: metadata: {name: string @tag(name), namespace: string @tag(namespace)}
	healthChecks: {${text}}
	apply: app: [{apiVersion: "v1", kind: "ConfigMap", metadata: instance.config.metadata}]
}
`;
    const build = async (text: string) => {
      await module.write({
        "cue.mod/module.cue": 'module: "example.com/x"\nlanguage: version: "v0.14.0"\n',
        "values.cue": "package main\n\nvalues: {}\n",
        "timoni.cue": checks(text),
      });
      const { code, stderr } = await spawnTenon(["build", "x", module.path]);
      return `${code} ${stderr.split("\n").find((line) => line.startsWith("error"))}`;
    };
    expect(await build('a: {group: "a.b"}')).toMatch(/^2 .*"a": it has no current/);
    const one = 'group: "a.b", kind: "C", #object: {...}, current: #object.x';
    expect(await build(`a: {${one}}, b: {${one}}`)).toMatch(
      /^2 .*"b": health checks "a" and "b" target the same group and kind: a\.b\/C/,
    );
    expect(await build(`a: {${one}, cel: current: "true"}`)).toMatch(
      /^2 .*"a"\.current: it has current in CUE and in cel/,
    );
    expect(await build('a: {group: "a.b", cel: {current: "true", ready: "true"}}')).toMatch(
      /^2 .*cel.ready: field not allowed/,
    );
    expect(await build('a: {group: "a.b/v1", cel: current: "true"}')).toMatch(/^2 .*a.group/);
    await module[Symbol.asyncDispose]();
  });
});

/** The kind of the Gateway API that modules/app has; its controller is the test. */
const routes = JSON.stringify({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: "httproutes.gateway.networking.k8s.io",
    annotations: { "api-approved.kubernetes.io": "unapproved, of a test" },
  },
  spec: {
    group: "gateway.networking.k8s.io",
    scope: "Namespaced",
    names: { kind: "HTTPRoute", plural: "httproutes", singular: "httproute" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
});
