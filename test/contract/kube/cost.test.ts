import { type KubeClient, applyInstance, hasChanges, planInstance } from "@tenon/kube";
import { expect, it } from "vitest";

import {
  type ClusterInfo,
  callsOf,
  configMap,
  connect,
  deployment,
  describeOnCluster,
  desired,
  object,
  set,
  unique,
  useCluster,
  writesOf,
} from "./cluster.ts";

describeOnCluster("cost of an apply", () => {
  let cluster: ClusterInfo;
  let client: KubeClient;
  useCluster((started) => ({ cluster, client } = started));

  const many = Array.from({ length: 40 }, (_, index) => index);
  const fleet = (ns: string, value = "1") =>
    desired("fleet", ns, [
      set(
        "main",
        ...many.map((i) => configMap(`config-${i}`, { k: i === 7 ? value : "1" })),
        ...many.slice(0, 20).map((i) => deployment(`web-${i}`)),
        ...many.slice(0, 20).map((i) =>
          object({
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: `web-${i}` },
            spec: { selector: { app: `web-${i}` }, ports: [{ port: 80 }] },
          }),
        ),
      ),
    ]);

  it("is two calls for a new object and one list for each kind of untouched ones", async () => {
    const ns = unique("cost");
    const install = unique("install");
    const first = await connect(cluster.kubeconfig, install);
    await applyInstance(first, fleet(ns), { wait: false });
    const installed = await callsOf(cluster, install);
    // Record, namespace and discovery take 9 calls; up to 8 parallel dry runs find no namespace.
    expect(installed.length).toBeLessThanOrEqual(2 * 80 + 9 + 8);
    await applyInstance(first, fleet(ns), { timeoutMs: 90_000 });
    await first.close();

    const repeat = unique("repeat");
    const second = await connect(cluster.kubeconfig, repeat);
    const result = await applyInstance(second, fleet(ns), { timeoutMs: 90_000 });
    expect(hasChanges(result)).toBe(false);
    expect(result.changes.length).toBe(80);
    expect(await writesOf(cluster, repeat)).toEqual([]);
    const calls = await callsOf(cluster, repeat);
    const dryRuns = calls.filter(({ requestURI }) => requestURI.includes("dryRun"));
    // Deployments were still on their way when their fingerprints were taken.
    expect(dryRuns.every(({ requestURI }) => requestURI.includes("/deployments/"))).toBe(true);
    await second.close();
  });

  it("is one list for each kind when nobody has touched anything", async () => {
    const ns = unique("noop");
    await applyInstance(client, fleet(ns), { timeoutMs: 90_000 });
    const repeat = unique("repeat");
    const second = await connect(cluster.kubeconfig, repeat);
    await applyInstance(second, fleet(ns), { timeoutMs: 90_000 });
    const calls = (await callsOf(cluster, repeat)).map(({ verb, requestURI }) => {
      return `${verb} ${requestURI.replace(/\?.*/, "").replace(ns, "NS")}`;
    });
    expect(calls.sort()).toEqual([
      "get /api",
      "get /api/v1/namespaces/NS/secrets/tenon.fleet",
      "get /apis",
      "list /api/v1/namespaces/NS/configmaps",
      "list /api/v1/namespaces/NS/services",
      "list /apis/apps/v1/namespaces/NS/deployments",
    ]);
    await second.close();
  });

  it("sees every touch of others", async () => {
    const ns = unique("touch");
    await applyInstance(client, fleet(ns), { timeoutMs: 90_000 });
    const touch = (path: string, body: unknown) =>
      client.request({
        method: "PATCH",
        path,
        query: { fieldManager: "someone" },
        contentType: "application/merge-patch+json",
        body: JSON.stringify(body),
      });
    await touch(`/apis/apps/v1/namespaces/${ns}/deployments/web-3`, {
      spec: { template: { spec: { containers: [{ name: "web", image: "evil" }] } } },
    });
    await touch(`/api/v1/namespaces/${ns}/configmaps/config-1`, { data: { k: "changed" } });
    await touch(`/api/v1/namespaces/${ns}/services/web-1`, {
      metadata: { labels: { "tenon.dev/instance": "x" } },
    });
    await client.request({
      method: "DELETE",
      path: `/api/v1/namespaces/${ns}/configmaps/config-2`,
    });
    await touch(`/api/v1/namespaces/${ns}/configmaps/config-3`, {
      metadata: { annotations: { by: "me" } },
    });
    const plan = await planInstance(client, fleet(ns), {
      forceConflicts: true,
      overwriteOwnership: true,
    });
    const changed = plan.changes.filter(({ action }) => action !== "unchanged");
    expect(changed.map(({ ref, action }) => [ref.kind, ref.name, action])).toEqual([
      ["ConfigMap", "config-1", "configured"],
      ["ConfigMap", "config-2", "created"],
      ["Service", "web-1", "configured"],
      ["Deployment", "web-3", "configured"],
    ]);
    const thorough = await planInstance(client, fleet(ns), {
      forceConflicts: true,
      overwriteOwnership: true,
      thorough: true,
    });
    expect(thorough.changes).toEqual(plan.changes);
  });
});
