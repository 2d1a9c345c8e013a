import type { KubeObjectView } from "@tenon/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createDefinitions } from "../support/definitions.ts";
import { type Flux, startFlux } from "../support/flux.ts";
import { bundledResources, gitOpsBundle, groupOfBundle } from "../support/gitops-bundles.ts";
import { liveDifferences } from "../support/live-difference.ts";
import {
  type TestRegistry,
  startDockerRegistry,
  startEmbeddedRegistry,
} from "../support/registries.ts";
import { outputOf } from "../support/run-process.ts";
import { newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type ClusterInfo, type TestCluster, startCluster } from "../support/start-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";
import { needs, toolPath } from "../support/tools.ts";

const tools = needs(
  "TENON_TEST_CLUSTER",
  "TENON_TEST_KUBECTL",
  "TENON_TEST_FLUX",
  "TENON_TEST_ARGOCD",
  "TENON_TEST_DOCKER_REGISTRY",
);
const bundleCount = 20;

// Flux has a cluster to itself, so that both can apply the very same objects.
describe.skipIf(tools.missing)(`bundles applied by Flux${tools.reason}`, () => {
  let dir: TempDir;
  let registry: TestRegistry;
  let other: TestRegistry;
  let cluster: TestCluster;
  let flux: Flux;
  const names = Array.from({ length: bundleCount }, () => newNamespace("gitops"));

  beforeAll(async () => {
    dir = await tempDir();
    [registry, other, cluster] = await Promise.all([
      startEmbeddedRegistry(),
      startDockerRegistry(),
      startCluster(),
    ]);
    flux = await startFlux(cluster.info);
    const files = names.map((name, index) => [`${name}.yaml`, gitOpsBundle(name, index)]);
    await dir.write(Object.fromEntries(files) as Record<string, string>);
  });
  afterAll(async () => {
    await flux?.[Symbol.asyncDispose]();
    for (const each of [cluster, other, registry, dir]) await each?.[Symbol.asyncDispose]();
  });

  const bundle = (name: string) => ["-f", dir.file(`${name}.yaml`)];

  it("are what `bundle apply` makes of them", async () => {
    await Promise.all([applyByFlux(), applyByTenon()]);
    const ours = `tenon.dev/instance-namespace in (${names.join(",")})`;
    let compared = 0;
    const compare = async (): Promise<string[]> => {
      const byFlux = await live(cluster.info, "kustomize.toolkit.fluxcd.io/name");
      compared = byFlux.length;
      return liveDifferences(byFlux, await live(sharedCluster(), ours));
    };
    // Controllers go on to write what they see into objects that are ready.
    await expect.poll(compare, { timeout: 30_000, interval: 500 }).toEqual([]);
    expect(compared).toBeGreaterThan(names.length * 10);
  });

  async function applyByFlux(): Promise<void> {
    for (const [index, name] of names.entries()) {
      const { host } = index % 5 === 0 ? other : registry;
      const repository = `oci://${host}/rendered/${name}`;
      const push = ["--push", `${repository}:1.0.0`, "--emit", "flux", "--registry-insecure"];
      const emitted = await tenon(["bundle", "build", ...bundle(name), ...push]);
      await kubectl(cluster.info, ["apply", "-f", "-"], emitted);
    }
    const wait = ["wait", "--for=condition=Ready", "kustomizations", "--all", "--timeout=200s"];
    await kubectl(cluster.info, [...wait, "-n", flux.namespace]);
  }

  async function applyByTenon(): Promise<void> {
    const env = { KUBECONFIG: sharedCluster().kubeconfig };
    for (const name of names) await tenon(["bundle", "apply", ...bundle(name)], { env });
  }

  it("have the same digest on a second build", async () => {
    const found = await kubectl(cluster.info, [
      "get",
      "ocirepositories",
      "-n",
      flux.namespace,
      "-o",
      "json",
    ]);
    const { items } = JSON.parse(found) as {
      items: { metadata: { name: string }; spec: { ref: { digest: string } } }[];
    };
    expect(items).toHaveLength(names.length);
    for (const { metadata, spec } of items) {
      const push = ["--push", `oci://${other.host}/again/${metadata.name}:1.0.0`, "-o", "json"];
      const again = await tenon(["bundle", "build", ...bundle(metadata.name), ...push]);
      expect((JSON.parse(again) as { digest: string }).digest).toBe(spec.ref.digest);
    }
  });

  // Its controller does not run here; the API server checks the object against its definition.
  it("are an Application as Argo CD defines it", async () => {
    await createDefinitions(cluster.info.kubeconfig, toolPath("TENON_TEST_ARGOCD"));
    const push = ["--push", `oci://${registry.host}/argo/web:1.0.0`, "--emit", "argocd"];
    const place = ["--emit-namespace", flux.namespace];
    const emitted = await tenon(["bundle", "build", ...bundle(names[0]!), ...push, ...place]);
    const strict = ["create", "--validate=strict", "-o", "name", "-f", "-"];
    const created = await kubectl(cluster.info, strict, emitted);
    expect(created).toBe(`application.argoproj.io/${names[0]}\n`);
    const wrong = emitted.replace("  source:", "  sauce:").replace("name: ", "name: other-");
    await expect(kubectl(cluster.info, strict, wrong)).rejects.toThrow(
      /unknown field "spec.sauce"/,
    );
  });

  function kubectl(on: ClusterInfo, args: string[], input?: string): Promise<string> {
    const env = { ...process.env, KUBECONFIG: on.kubeconfig };
    return outputOf(toolPath("TENON_TEST_KUBECTL"), args, { env, input });
  }

  async function live(on: ClusterInfo, selector: string): Promise<KubeObjectView[]> {
    const custom = names
      .filter((_, index) => index % 4 === 0)
      .map((name) => `widgets.${groupOfBundle(name)}`);
    const resources = [...bundledResources, ...custom].join(",");
    const text = await kubectl(on, ["get", resources, "-A", "-l", selector, "-o", "json"]);
    return (JSON.parse(text) as { items: KubeObjectView[] }).items;
  }
});
