import { readdir } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { established } from "../support/definitions.ts";
import { eventually } from "../support/eventually.ts";
import { fixture } from "../support/repo.ts";
import { kubectl, kubectlWith, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");
const group = `discovery-${process.pid}.tenon.dev`;

describe.skipIf(tools.missing)(`discovery that is kept between runs${tools.reason}`, () => {
  const namespace = newNamespace("discovery");
  let dir: TempDir;
  let proxy: ApiProxy;
  let env: Record<string, string>;

  beforeAll(async () => {
    dir = await tempDir();
    proxy = await startApiProxy(sharedCluster());
    env = { KUBECONFIG: proxy.kubeconfig, TENON_CACHE_DIR: dir.file("cache") };
    await dir.write({
      "m/cue.mod/module.cue": 'module: "example.com/things"\nlanguage: version: "v0.14.0"\n',
      "m/values.cue": "package main\n\nvalues: {}\n",
      "m/timoni.cue": module,
    });
  });
  afterAll(async () => {
    await kubectl("delete", "crd", `things.${group}`, `items.${group}`, "--ignore-not-found");
    await proxy?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  const discoveries = () => proxy.calls.filter(({ path }) => /^\/apis?(\?|$)/.test(path)).length;
  const applyThing = () => ["apply", "thing", dir.file("m"), "-n", namespace];

  it("costs a repeat no call", async () => {
    await tenon(["apply", "plain", fixture("plain"), "-n", namespace], { env });
    expect(discoveries()).toBe(2);
    expect(await readdir(dir.file("cache", "discovery"))).toHaveLength(1);
    proxy.reset();
    await tenon(["apply", "plain", fixture("plain"), "-n", namespace], { env });
    await tenon(["status", "plain", "-n", namespace], { env });
    expect(discoveries()).toBe(0);
  });

  it("is read anew for a kind that was installed in between", async () => {
    const { code, stderr } = await spawnTenon(applyThing(), { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining("[KUBE_KIND_UNKNOWN]")]);
    await install("things", "v1");
    await tenon(applyThing(), { env });
    expect(await names("things")).toEqual(["one"]);
    proxy.reset();
    await tenon(applyThing(), { env });
    expect(discoveries()).toBe(0);
  });

  it("is read anew when a kind is not where it was", async () => {
    await kubectl("delete", "crd", `things.${group}`);
    await install("items", "v1");
    proxy.reset();
    await tenon(applyThing(), { env });
    expect(await names("items")).toEqual(["one"]);
    expect(discoveries()).toBe(2);
  });

  it("misses no object of a version that is served no longer", async () => {
    await install("items", "v2");
    await eventually(async () => ((await served()).includes("v2") ? true : undefined), {
      what: "the new version",
    });
    await tenon(["delete", "thing", "-n", namespace], { env });
    expect(await names("items")).toEqual([]);
  });

  it("does not hold up a delete when the kind is gone", async () => {
    await install("items", "v1");
    await eventually(async () => ((await served()).includes("v1") ? true : undefined), {
      what: "the old version",
    });
    await tenon(applyThing(), { env });
    await kubectl("delete", "crd", `items.${group}`);
    await tenon(["delete", "thing", "-n", namespace], { env });
    const left = await kubectl("get", "secrets", "-n", namespace, "-o", "name");
    expect(left).not.toContain("tenon.thing");
  });

  async function install(plural: string, version: string): Promise<void> {
    const schema = { openAPIV3Schema: { type: "object" } };
    const versions = ["v1", "v2"].map((name) => ({
      name,
      served: name === version,
      storage: name === "v1",
      schema,
    }));
    const names = { plural, singular: plural.slice(0, -1), kind: "Thing", listKind: "ThingList" };
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: { group, scope: "Namespaced", names, versions },
    };
    await kubectlWith(JSON.stringify(definition), "apply", "-f", "-");
    await established(sharedCluster().kubeconfig, `crd/${plural}.${group}`);
    await eventually(async () => ((await served()).includes(version) ? true : undefined), {
      what: `${plural} to be served`,
    });
  }

  /** The versions of the group that discovery lists. */
  async function served(): Promise<string[]> {
    const text = await kubectl("get", "--raw", "/apis").catch(() => "{}");
    const { groups = [] } = JSON.parse(text) as {
      groups?: { name: string; versions: { version: string }[] }[];
    };
    const found = groups.find(({ name }) => name === group);
    return (found?.versions ?? []).map(({ version }) => version);
  }

  async function names(plural: string): Promise<string[]> {
    const text = await kubectl("get", `${plural}.${group}`, "-n", namespace, "-o", "name");
    return text
      .split("\n")
      .filter(Boolean)
      .map((name) => name.slice(name.indexOf("/") + 1));
  }
});

const module = `package main

values: {}

timoni: {
	apiVersion: "v1alpha1"
	instance: config: {
		metadata: {
			name:      string @tag(name)
			namespace: string @tag(namespace)
		}
	}
	apply: main: [{
		apiVersion: "${group}/v1"
		kind:       "Thing"
		metadata: {
			name:      "one"
			namespace: instance.config.metadata.namespace
		}
	}]
}
`;
