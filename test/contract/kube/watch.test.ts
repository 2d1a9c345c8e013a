import { createKubeClient, applyInstance, loadKubeConfig, shareReads } from "@tenon/kube";
import { expect, it } from "vitest";

import {
  type ClusterInfo,
  callsOf,
  configMap,
  connect,
  deployment,
  describeOnCluster,
  desired,
  set,
  unique,
  useCluster,
  writesOf,
} from "./cluster.ts";

describeOnCluster("watches", () => {
  let cluster: ClusterInfo;
  useCluster((started) => ({ cluster } = started));

  const app = (name: string, ns: string, value = "1") =>
    desired(name, ns, [set("main", configMap(name, { value }), deployment(name))]);

  it("are one for each kind, however many instances wait in however many namespaces", async () => {
    const agent = unique("watch");
    await using client = await connect(cluster.kubeconfig, agent);
    const instances = ["a", "b", "c"].map((name) => app(name, unique("ns")));
    const reads = shareReads(client, instances);
    await Promise.all(instances.map((one) => applyInstance(client, one, { reads })));
    const watches = (await callsOf(cluster, agent)).filter(({ verb }) => verb === "watch");
    // Those that still go on are not in the log as complete: none was begun a second time.
    expect(watches.length).toBeLessThanOrEqual(1);
    const lists = (await callsOf(cluster, agent)).filter(({ requestURI }) =>
      requestURI.startsWith("/apis/apps/v1/deployments?"),
    );
    expect(lists.length).toBe(1);
  });

  it("make no polling necessary", async () => {
    const agent = unique("quiet");
    await using client = await connect(cluster.kubeconfig, agent);
    await applyInstance(client, app("quiet", unique("ns")));
    const reads = (await callsOf(cluster, agent)).filter(({ requestURI }) =>
      requestURI.includes("/deployments"),
    );
    const byVerb = (verb: string): number => reads.filter((call) => call.verb === verb).length;
    expect({ list: byVerb("list"), get: byVerb("get") }).toEqual({ list: 1, get: 0 });
  });

  it("are replaced by lists for a user who may not watch", async () => {
    await using admin = await connect(cluster.kubeconfig);
    const ns = unique("no-watch");
    const post = (path: string, body: object): Promise<unknown> =>
      admin.request({ method: "POST", path, body: JSON.stringify(body) });
    await post("/api/v1/namespaces", { metadata: { name: ns } });
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}`;
    const verbs = ["get", "list", "create", "patch", "delete"];
    await post(`${rbac}/roles`, {
      metadata: { name: "dev" },
      rules: [
        { apiGroups: [""], resources: ["configmaps", "secrets"], verbs },
        { apiGroups: ["apps"], resources: ["deployments"], verbs },
      ],
    });
    await post(`${rbac}/rolebindings`, {
      metadata: { name: "dev" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "dev" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: ns }],
    });
    const { kubeconfig } = cluster;
    await using poor = createKubeClient(await loadKubeConfig({ env: {}, kubeconfig, as: ns }));
    const { changes } = await applyInstance(poor, app("web", ns));
    expect(changes.map(({ action }) => action)).toEqual(["created", "created"]);
  });
});

describeOnCluster("shared reads", () => {
  let cluster: ClusterInfo;
  useCluster((started) => ({ cluster } = started));

  it("make the repeat of many instances one list of metadata for each kind, and no write", async () => {
    const namespaces = [unique("one"), unique("two")];
    const fleet = Array.from({ length: 20 }, (_, i) =>
      desired(`app-${i}`, namespaces[i % 2]!, [
        set("main", configMap(`app-${i}`, {}), deployment(`app-${i}`)),
      ]),
    );
    const applyAll = async (agent: string) => {
      await using client = await connect(cluster.kubeconfig, agent);
      const reads = shareReads(client, fleet);
      return Promise.all(fleet.map((one) => applyInstance(client, one, { reads })));
    };
    await applyAll(unique("install"));
    const agent = unique("repeat");
    const results = await applyAll(agent);
    const actions = new Set(results.flatMap(({ changes }) => changes.map(({ action }) => action)));
    expect([...actions]).toEqual(["unchanged"]);
    const calls = (await callsOf(cluster, agent)).map(({ verb, requestURI }) => {
      const [path] = requestURI.split("?");
      return `${verb} ${path}`;
    });
    expect(calls.toSorted()).toEqual([
      "get /api",
      "get /apis",
      "list /api/v1/configmaps",
      "list /api/v1/secrets",
      "list /apis/apps/v1/deployments",
    ]);
  });

  it("find and repair in the same run what somebody has changed by hand", async () => {
    const ns = unique("drift");
    const fleet = ["a", "b"].map((name) =>
      desired(name, ns, [set("main", configMap(name, { k: "1" }))]),
    );
    await using client = await connect(cluster.kubeconfig);
    for (const one of fleet) await applyInstance(client, one);
    await client.request({
      method: "PATCH",
      path: `/api/v1/namespaces/${ns}/configmaps/b`,
      query: { fieldManager: "kubectl-edit" },
      contentType: "application/merge-patch+json",
      body: JSON.stringify({ data: { k: "changed" } }),
    });
    const agent = unique("repair");
    await using second = await connect(cluster.kubeconfig, agent);
    const reads = shareReads(second, fleet);
    const options = { reads, forceConflicts: true };
    const results = await Promise.all(fleet.map((one) => applyInstance(second, one, options)));
    expect(results.map(({ changes }) => changes[0]?.action)).toEqual(["unchanged", "configured"]);
    const writes = (await writesOf(cluster, agent)).filter((call) => !call.includes("/secrets"));
    expect(writes).toEqual([`patch /api/v1/namespaces/${ns}/configmaps/b`]);
  });
});
