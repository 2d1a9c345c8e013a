import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { kubectl, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

type Sets = Readonly<Record<string, readonly object[]>>;

describe.skipIf(tools.missing)(`waiting for objects to be ready${tools.reason}`, () => {
  let dir: TempDir;
  let module: string;
  beforeAll(async () => {
    dir = await tempDir();
    await dir.write({
      "m/cue.mod/module.cue": 'module: "example.com/sets"\nlanguage: version: "v0.14.0"\n',
      "m/values.cue": "package main\n\nvalues: sets: {}\n",
      "m/timoni.cue": `package main

values: sets: [string]: [...]
timoni: {
	apiVersion: "v1alpha1"
	instance: config: metadata: {name: string @tag(name), namespace: string @tag(namespace)}
	apply: {for name, objects in values.sets {(name): objects}}
}
`,
    });
    module = dir.file("m");
  });
  afterAll(() => dir?.[Symbol.asyncDispose]());

  const env = () => ({ KUBECONFIG: sharedCluster().kubeconfig });
  const apply = async (ns: string, sets: Sets, ...more: string[]) => {
    const file = await dir.write({ [`${ns}.json`]: JSON.stringify({ values: { sets } }) });
    return startTenon(["apply", "web", module, "-n", ns, "-f", file, ...more], { env: env() });
  };
  const exists = (what: string, ns: string) =>
    kubectl("get", what, "-n", ns, "-o", "name").then(
      () => true,
      () => false,
    );

  it("a set of Jobs has to complete before the next set is applied", async () => {
    const ns = newNamespace("jobs");
    const sets = { tests: [job("first", ns), job("second", ns)], app: [configMap("after", ns)] };
    const running = await apply(ns, sets);
    const { code, stderr } = await running.result;
    expect(code, stderr).toBe(0);
    const at = async (path: string, what: string) =>
      Date.parse(await kubectl("get", what, "-n", ns, "-o", `jsonpath={${path}}`));
    const after = await at(".metadata.creationTimestamp", "configmap/after");
    for (const name of ["first", "second"]) {
      expect(await at(".status.completionTime", `job/${name}`)).toBeLessThanOrEqual(after);
    }
  });

  it("a Job that fails ends the apply at once with its message, and the next set is not applied", async () => {
    const ns = newNamespace("jobs");
    const slow = job("slow", ns, "slow:600s");
    const sets = { tests: [slow, job("bad", ns, "fail")], app: [configMap("after", ns)] };
    const { code, stderr } = await (await apply(ns, sets)).result;
    expect(code).toBe(1);
    expect(stderr).toContain(`Job/${ns}/bad Failed: Job Failed. failed: 1/1 error: `);
    expect(stderr).toContain("has reached the specified backoff limit");
    expect(await exists("configmap/after", ns)).toBe(false);
  });

  it("a suspended Job is not waited for", async () => {
    const ns = newNamespace("jobs");
    const { spec, ...rest } = job("later", ns);
    const sets = { tests: [{ ...rest, spec: { ...spec, suspend: true } }] };
    const { code, stderr } = await (await apply(ns, sets)).result;
    expect(code, stderr).toBe(0);
  });

  it.each(["annotations", "labels"])("wait: disabled in %s leaves an object out", async (place) => {
    const ns = newNamespace("nowait");
    const { metadata, ...rest } = job("slow", ns, "slow:600s");
    const marked = { ...metadata, [place]: { "action.timoni.sh/wait": "disabled" } };
    const sets = { tests: [{ ...rest, metadata: marked }], app: [configMap("after", ns)] };
    const { code, stderr } = await (await apply(ns, sets)).result;
    expect(code, stderr).toBe(0);
    expect(await exists("configmap/after", ns)).toBe(true);
    // It is told for what it is.
    const { stdout } = await spawnTenon(["status", "web", "-n", ns], { env: env() });
    expect(stdout).toContain(`Job/${ns}/slow InProgress`);
  });

  it("a definition and its objects may be in one set, which waits for their conditions", async () => {
    const ns = newNamespace("crd");
    const group = `${ns}.example.com`;
    const thing = {
      apiVersion: `${group}/v1`,
      kind: "Thing",
      metadata: { name: "one", namespace: ns },
    };
    const running = await apply(ns, { app: [thing, definition(group)] });
    const set = async (status: object) => {
      const patch = ["patch", `things.${group}/one`, "-n", ns, "--subresource=status"];
      return kubectl(...patch, "--type=merge", "-p", JSON.stringify({ status })).catch(
        () => undefined,
      );
    };
    const notYet = { type: "Ready", status: "False", message: "still baking" };
    await eventually(() => set({ conditions: [notYet] }), {
      what: "things/one",
      timeoutMs: 60_000,
    });
    const { stdout } = await spawnTenon(["status", "web", "-n", ns], { env: env() });
    expect(stdout).toContain(`Thing/${ns}/one InProgress - still baking`);
    await set({ conditions: [{ type: "Ready", status: "True" }] });
    const { code, stderr } = await running.result;
    expect(code, stderr).toBe(0);
  });
});

function configMap(name: string, namespace: string) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } };
}

function job(name: string, namespace: string, simulate?: string) {
  const annotations = simulate === undefined ? {} : { "cluster.tenon.dev/simulate": simulate };
  const containers = [{ name: "main", image: "docker.io/library/busybox:1.37" }];
  const template = { metadata: { annotations }, spec: { restartPolicy: "Never", containers } };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace },
    spec: { backoffLimit: 0, template },
  };
}

function definition(group: string) {
  const schema = {
    openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  const version = { name: "v1", served: true, storage: true, subresources: { status: {} }, schema };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind: "Thing", plural: "things", singular: "thing" },
      versions: [version],
    },
  };
}
