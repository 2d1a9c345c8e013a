import {
  type KubeClient,
  applyInstance,
  getObject,
  hasChanges,
  listInstances,
  planInstance,
} from "@tenon/kube";
import { expect, it } from "vitest";

import {
  type ClusterInfo,
  callsOf,
  configMap,
  connect,
  deployment,
  describeOnCluster,
  desired,
  recorder,
  set,
  unique,
  useCluster,
  writesOf,
} from "./cluster.ts";

describeOnCluster("applyInstance()", () => {
  let cluster: ClusterInfo;
  let client: KubeClient;
  useCluster((started) => ({ cluster, client } = started));

  async function resourceVersions(namespace: string, names: readonly string[]): Promise<string[]> {
    const resource = await client.discovery.get("v1", "ConfigMap");
    const found = await Promise.all(
      names.map((name) =>
        getObject(client, resource, { apiVersion: "v1", kind: "ConfigMap", namespace, name }),
      ),
    );
    return found.map((view) => String(view?.metadata["resourceVersion"]));
  }

  it("installs, creating the namespace, and repeats without a write", async () => {
    const ns = unique("install");
    const web = desired("web", ns, [set("main", configMap("a", { k: "1" }), deployment("web"))]);
    const { events, onEvent } = recorder();
    const first = await applyInstance(client, web, { timeoutMs: 60_000, onEvent });
    expect(first.createsNamespace).toBe(true);
    expect(first.changes.map(({ action, ref }) => `${ref.kind}/${ref.name} ${action}`)).toEqual([
      "ConfigMap/a created",
      "Deployment/web created",
    ]);
    expect(events.map(({ type }) => type)).toContain("namespace-created");

    const agent = unique("repeat");
    const again = await connect(cluster.kubeconfig, agent);
    const second = await applyInstance(again, web, { timeoutMs: 60_000 });
    expect(hasChanges(second)).toBe(false);
    expect(await writesOf(cluster, agent)).toEqual([]);
    expect((await callsOf(cluster, agent)).length).toBe(again.requests);
    await again.close();
  });

  it("changes nothing but what differs", async () => {
    const ns = unique("minimal");
    const names = ["a", "b", "c", "d"];
    const make = (value: string) =>
      desired("app", ns, [
        set("main", ...names.map((name) => configMap(name, { k: name === "b" ? value : "same" }))),
      ]);
    await applyInstance(client, make("1"));
    const before = await resourceVersions(ns, names);
    const { changes } = await applyInstance(client, make("2"));
    const after = await resourceVersions(ns, names);
    expect(changes.map(({ action }) => action)).toEqual([
      "unchanged",
      "configured",
      "unchanged",
      "unchanged",
    ]);
    expect(changes[1]?.fields).toEqual([{ path: "data.k", before: "1", after: "2" }]);
    expect(names.filter((_, index) => before[index] !== after[index])).toEqual(["b"]);
  });

  it("prunes what left the instance", async () => {
    const ns = unique("prune");
    const both = [configMap("keep", { k: "1" }), configMap("drop", { k: "1" })];
    await applyInstance(client, desired("app", ns, [set("main", ...both)]));
    const less = desired("app", ns, [set("main", both[0]!)]);
    const plan = await planInstance(client, less);
    expect(plan.changes.map(({ ref, action }) => [ref.name, action])).toEqual([
      ["keep", "unchanged"],
      ["drop", "deleted"],
    ]);
    const { changes } = await applyInstance(client, less);
    expect(changes).toEqual(plan.changes);
    expect(await resourceVersions(ns, ["drop"])).toEqual(["undefined"]);
    const { instances } = await listInstances(client, { namespace: ns });
    expect(instances).toMatchObject([{ name: "app", state: "applied", revision: 2 }]);
  });
});
