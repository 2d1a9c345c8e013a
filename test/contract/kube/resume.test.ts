import {
  type KubeClient,
  applyInstance,
  deleteInstance,
  getInstance,
  getObject,
  isKubeError,
  listInstances,
  localHolder,
  planInstance,
} from "@tenon/kube";
import { expect, it } from "vitest";

import {
  type ClusterInfo,
  configMap,
  deployment,
  describeOnCluster,
  desired,
  failure,
  set,
  unique,
  useCluster,
} from "./cluster.ts";
import { startFaultyProxy } from "./faulty-proxy.ts";

describeOnCluster("killed and faulty runs", () => {
  let cluster: ClusterInfo;
  let client: KubeClient;
  useCluster((started) => ({ cluster, client } = started));

  /** A process on this machine that no longer exists. */
  const dead = (): ReturnType<typeof localHolder> => ({ ...localHolder(), pid: 2 ** 22 + 1 });

  async function names(namespace: string): Promise<string[]> {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const { text } = await client.request({ method: "GET", path });
    const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] };
    return items.map(({ metadata }) => metadata.name).filter((name) => name !== "kube-root-ca.crt");
  }

  const one = (ns: string) =>
    desired("app", ns, [set("first", configMap("a", { k: "1" }), configMap("old", {}))]);
  const two = (ns: string) =>
    desired("app", ns, [
      set("first", configMap("a", { k: "2" }), configMap("b", {})),
      set("second", configMap("c", {})),
    ]);

  it.each(["cut", "cut-answer"] as const)(
    "ends in the same state wherever it was killed (%s)",
    async (kind) => {
      for (let survived = 0; ; survived++) {
        const ns = unique("kill");
        await applyInstance(client, one(ns));
        await using proxy = await startFaultyProxy(cluster.kubeconfig);
        let writes = 0;
        let died = false;
        proxy.fault = ({ write }) => {
          if (died) return "cut";
          if (!write || writes++ < survived) return "pass";
          died = true;
          return kind;
        };
        const ended = await applyInstance(proxy.client, two(ns), { holder: dead() }).catch(
          (error: unknown) => error,
        );
        if (!died) {
          expect(survived).toBeGreaterThan(4);
          break;
        }
        expect(isKubeError(ended)).toBe(true);
        await applyInstance(client, two(ns));
        expect(await names(ns)).toEqual(["a", "b", "c"]);
        const { record, state } = await getInstance(client, "app", ns);
        expect(state).toBe("applied");
        expect(record.applied?.inventory.map(({ name }) => name)).toEqual(["a", "b", "c"]);
        const plan = await planInstance(client, two(ns));
        expect(plan.recordChanges).toBe(false);
      }
    },
  );

  it("does not mind lost answers", async () => {
    const ns = unique("lossy");
    await using proxy = await startFaultyProxy(cluster.kubeconfig);
    const seen = new Set<string>();
    proxy.fault = ({ method, url, write }) => {
      if (!write || seen.has(method + url)) return "pass";
      seen.add(method + url);
      return "cut-answer";
    };
    await applyInstance(proxy.client, one(ns));
    seen.clear();
    await applyInstance(proxy.client, two(ns));
    expect(await names(ns)).toEqual(["a", "b", "c"]);
    expect((await getInstance(client, "app", ns)).state).toBe("applied");
    seen.clear();
    await deleteInstance(proxy.client, "app", ns);
    expect(await names(ns)).toEqual([]);
  });

  it("remembers what killed runs left behind, over several of them", async () => {
    const ns = unique("chain");
    await applyInstance(client, one(ns));
    for (const extra of ["x", "y"]) {
      await using proxy = await startFaultyProxy(cluster.kubeconfig);
      let writes = 0;
      proxy.fault = ({ write }) => (write && writes++ >= 2 ? "cut" : "pass");
      const next = desired("app", ns, [
        set("first", configMap(extra, {})),
        set("second", configMap("z", {})),
      ]);
      await failure(applyInstance(proxy.client, next, { holder: dead() }));
    }
    expect(await names(ns)).toEqual(["a", "old", "x", "y"]);
    await applyInstance(client, desired("app", ns, [set("main", configMap("a", { k: "1" }))]));
    expect(await names(ns)).toEqual(["a"]);
  });

  it("finishes a killed first install, and a killed delete", async () => {
    for (let survived = 0; ; survived++) {
      const ns = unique("first");
      await using proxy = await startFaultyProxy(cluster.kubeconfig);
      let writes = 0;
      let died = false;
      proxy.fault = ({ write }) => {
        died ||= write && writes++ >= survived;
        return died ? "cut" : "pass";
      };
      await applyInstance(proxy.client, two(ns), { holder: dead() }).catch(() => {});
      if (!died) break;
      const { instances } = await listInstances(client, { namespace: ns });
      if (survived >= 3) expect(instances[0]?.state).toBe("pending");
      await applyInstance(client, two(ns));
      expect(await names(ns)).toEqual(["a", "b", "c"]);

      await using second = await startFaultyProxy(cluster.kubeconfig);
      let deletes = 0;
      second.fault = ({ write }) => (write && deletes++ >= survived ? "cut" : "pass");
      await deleteInstance(second.client, "app", ns, { holder: dead() }).catch(() => {});
      await deleteInstance(client, "app", ns).catch((error: unknown) => {
        if (!isKubeError(error, "KUBE_INSTANCE_NOT_FOUND")) throw error;
      });
      expect(await names(ns)).toEqual([]);
      expect((await listInstances(client, { namespace: ns })).instances).toEqual([]);
    }
  });

  it("repeats calls while the server is busy", async () => {
    const ns = unique("busy");
    await using proxy = await startFaultyProxy(cluster.kubeconfig);
    const seen = new Set<string>();
    const faults = [
      { status: 429, headers: { "retry-after": "1" } },
      { status: 503, body: "upstream" },
      "cut",
      { status: 502, body: "<html>" },
    ] as const;
    proxy.fault = ({ method, url }) => {
      if (method !== "GET" && !url.includes("fieldValidation")) return "pass";
      if (seen.has(method + url)) return "pass";
      seen.add(method + url);
      return faults[seen.size % faults.length]!;
    };
    await applyInstance(proxy.client, two(ns));
    expect(await names(ns)).toEqual(["a", "b", "c"]);
    expect(seen.size).toBeGreaterThan(8);
  });

  it("names the server and the context when nobody answers", async () => {
    await using proxy = await startFaultyProxy(cluster.kubeconfig);
    proxy.fault = () => "cut";
    const error = await failure(applyInstance(proxy.client, one("default")));
    expect(error.code).toBe("KUBE_UNREACHABLE");
    expect(error.message).toContain(proxy.client.connection.server);
    expect(error.message).toContain(`(context ${proxy.client.connection.context})`);
  });

  it("stops at once when told to, and gives the lock back", async () => {
    const ns = unique("abort");
    await applyInstance(client, one(ns));
    const stop = new AbortController();
    const running = applyInstance(client, two(ns), {
      signal: stop.signal,
      onEvent: (event) =>
        event.type === "lock-taken" && stop.abort(new Error("stopped by the user")),
    });
    await expect(running).rejects.toThrow("stopped by the user");
    const { state, error } = await getInstance(client, "app", ns);
    expect([state, error?.code]).toEqual(["failed", "ABORTED"]);
    await applyInstance(client, two(ns));
    expect(await names(ns)).toEqual(["a", "b", "c"]);
  });

  it("renews its lock while it waits, and stops when it has lost it", async () => {
    const ns = unique("renew");
    const web = deployment("web", "nginx:1", {
      annotations: { "cluster.tenon.dev/simulate": "never-ready" },
    });
    const running = failure(
      applyInstance(client, desired("app", ns, [set("main", web)]), { timeoutMs: 60_000 }),
    );
    const holder = async () =>
      (await listInstances(client, { namespace: ns })).instances[0]?.holder;
    await expect.poll(holder).toBeDefined();
    const first = await holder();
    await expect
      .poll(async () => (await holder())?.expires, { timeout: 10_000 })
      .not.toBe(first?.expires);
    expect((await holder())?.since).toBe(first?.since);
    const touch = (change: object) =>
      client.request({
        method: "PATCH",
        path: `/api/v1/namespaces/${ns}/secrets/tenon.app`,
        contentType: "application/merge-patch+json",
        body: JSON.stringify(change),
      });
    await touch({ metadata: { annotations: { seen: "by another" } } });
    const second = await holder();
    await expect
      .poll(async () => (await holder())?.expires, { timeout: 15_000 })
      .not.toBe(second?.expires);
    const other = JSON.stringify({ ...first, id: "other" });
    await touch({ data: { holder: Buffer.from(other).toString("base64") } });
    const error = await running;
    expect([error.code, error.message]).toEqual([
      "KUBE_RECORD_LOCKED",
      `Cannot go on changing instance app in ${ns}: its lock was lost`,
    ]);
  });

  it("never lets runs interleave", async () => {
    const ns = unique("race");
    await applyInstance(client, one(ns));
    const runs = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) =>
        applyInstance(
          client,
          desired("app", ns, [
            set("main", configMap("a", { k: `${i}` }), configMap(`own-${i}`, {})),
          ]),
        ),
      ),
    );
    const won = runs.flatMap((run, index) => (run.status === "fulfilled" ? [index] : []));
    expect(won.length).toBeGreaterThan(0);
    for (const run of runs)
      if (run.status === "rejected")
        expect(run.reason).toMatchObject({ code: "KUBE_RECORD_LOCKED" });
    const { record } = await getInstance(client, "app", ns);
    const left = await names(ns);
    expect(record.applied?.inventory.map(({ name }) => name)).toEqual(left);
    expect(left.length).toBe(2);
    expect(won).toContain(Number(left[1]?.slice(4)));
  });

  it("does not prune after a failed apply", async () => {
    const ns = unique("noprune");
    await applyInstance(client, one(ns));
    await using proxy = await startFaultyProxy(cluster.kubeconfig);
    proxy.fault = ({ write, url }) =>
      write && url.includes("/configmaps/c") ? { status: 403, body: "quota" } : "pass";
    const error = await failure(applyInstance(proxy.client, two(ns)));
    expect(error.code).toBe("KUBE_REJECTED");
    expect(await names(ns)).toContain("old");
    const { record, state } = await getInstance(client, "app", ns);
    expect(state).toBe("failed");
    expect(record.applied?.inventory.map(({ name }) => name)).toEqual(["a", "old"]);
  });

  it("splits a record that is too large for one Secret, and reads it back", async () => {
    const ns = unique("large");
    let noise = "";
    for (let i = 0; noise.length < 2_000_000; i++)
      noise += ((i * 2654435761) % 4294967296).toString(36);
    const large = { ...one(ns), values: noise };
    await applyInstance(client, large);
    const { record } = await getInstance(client, "app", ns);
    expect(record.applied?.values).toBe(noise);
    expect((await planInstance(client, large)).recordChanges).toBe(false);
    const listed = await listInstances(client, { namespace: ns });
    expect([listed.instances.length, listed.broken.length]).toEqual([1, 0]);
    await applyInstance(client, { ...large, values: `${noise}!` });
    const secrets = await client.request({
      method: "GET",
      path: `/api/v1/namespaces/${ns}/secrets`,
    });
    const { items } = JSON.parse(secrets.text) as { items: unknown[] };
    expect(items.length).toBeGreaterThan(1);
    expect(items.length).toBeLessThan(5);
    await deleteInstance(client, "app", ns);
    const after = await client.request({ method: "GET", path: `/api/v1/namespaces/${ns}/secrets` });
    expect((JSON.parse(after.text) as { items: unknown[] }).items).toEqual([]);
  });

  it("reports a damaged record without hiding the others", async () => {
    const ns = unique("broken");
    await applyInstance(client, one(ns));
    await applyInstance(client, desired("bad", ns, [set("main", configMap("z", {}))]));
    await client.request({
      method: "PATCH",
      path: `/api/v1/namespaces/${ns}/secrets/tenon.bad`,
      contentType: "application/merge-patch+json",
      body: JSON.stringify({ data: { record: Buffer.from("{").toString("base64") } }),
    });
    const { instances, broken } = await listInstances(client, { namespace: ns });
    expect(instances.map(({ name }) => name)).toEqual(["app"]);
    expect(broken.map(({ name, error }) => [name, error.code])).toEqual([
      ["bad", "KUBE_RECORD_INVALID"],
    ]);
    const resource = await client.discovery.get("v1", "Secret");
    const ref = { apiVersion: "v1", kind: "Secret", namespace: ns, name: "tenon.app" };
    expect((await getObject(client, resource, ref))?.["type"]).toBe("tenon.dev/instance");
  });
});
