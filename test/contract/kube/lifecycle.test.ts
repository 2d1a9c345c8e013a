import {
  type KubeClient,
  type NotReady,
  applyInstance,
  deleteInstance,
  getInstance,
  instanceStatus,
  listInstances,
} from "@tenon/kube";
import { expect, it } from "vitest";

import {
  type ClusterInfo,
  configMap,
  connect,
  deployment,
  describeOnCluster,
  desired,
  failure,
  object,
  recorder,
  set,
  unique,
  useCluster,
} from "./cluster.ts";

describeOnCluster("readiness, delete and status", () => {
  let cluster: ClusterInfo;
  let client: KubeClient;
  useCluster((started) => ({ cluster, client } = started));

  const simulate = (name: string, how: string) =>
    deployment(name, "nginx:1", { annotations: { "cluster.tenon.dev/simulate": how } });

  const job = (name: string, how?: string) =>
    object({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name },
      spec: {
        backoffLimit: 0,
        template: {
          metadata: how === undefined ? {} : { annotations: { "cluster.tenon.dev/simulate": how } },
          spec: { restartPolicy: "Never", containers: [{ name: "run", image: "busybox" }] },
        },
      },
    });

  const workload = (kind: string, name: string, more: object = {}) =>
    object({
      apiVersion: "apps/v1",
      kind,
      metadata: { name },
      spec: {
        ...more,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: "c", image: "i" }] },
        },
      },
    });

  const reasonOf = (object?: NotReady) =>
    object?.cause?.children[0]?.children[0]?.containers?.[0]?.reason;

  it("waits for each set before the next", async () => {
    const ns = unique("sets");
    const { events, onEvent } = recorder();
    const claim = object({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    const app = desired("app", ns, [
      set(
        "app",
        simulate("web", "slow:1s"),
        workload("StatefulSet", "db", { serviceName: "db" }),
        claim,
      ),
      set("agents", workload("DaemonSet", "agent")),
      set("test", job("check")),
    ]);
    await applyInstance(client, app, { timeoutMs: 60_000, onEvent });
    const story = events.flatMap((event) => {
      if (event.type === "set-started" || event.type === "ready")
        return [`${event.type} ${event.set}`];
      return [];
    });
    expect(story).toEqual([
      "set-started app",
      "ready app",
      "set-started agents",
      "ready agents",
      "set-started test",
      "ready test",
    ]);
    const { objects, healthy } = await instanceStatus(client, "app", ns);
    expect(healthy).toBe(true);
    expect(objects.map(({ ref, status, message }) => [ref.kind, status, message])).toEqual([
      ["Deployment", "Current", "Deployment is available. Replicas: 1"],
      ["StatefulSet", "Current", "Partition rollout complete. updated: 1"],
      ["PersistentVolumeClaim", "Current", "PVC is Bound"],
      ["DaemonSet", "Current", "All replicas scheduled as expected. Replicas: 1"],
      ["Job", "Current", "Job Completed. succeeded: 1/1"],
    ]);
  });

  it("tells why objects are not ready", async () => {
    const ns = unique("unready");
    const app = desired("app", ns, [
      set(
        "main",
        simulate("pull", "image-pull-error"),
        simulate("crash", "crash-loop"),
        configMap("fine", {}),
      ),
      set("later", configMap("later", {})),
    ]);
    const error = await failure(applyInstance(client, app, { timeoutMs: 6000 }));
    expect(error.code).toBe("KUBE_NOT_READY");
    const objects = error.details["objects"] as NotReady[];
    expect(objects.map(({ ref, status }) => [ref.name, status.status])).toEqual([
      ["crash", "InProgress"],
      ["pull", "InProgress"],
    ]);
    expect(reasonOf(objects[0])).toContain("CrashLoopBackOff");
    expect(reasonOf(objects[1])).toMatch(/ErrImagePull|ImagePullBackOff/);
    const { instances } = await listInstances(client, { namespace: ns });
    expect(instances[0]).toMatchObject({
      state: "failed",
      revision: 0,
      error: { code: "KUBE_NOT_READY" },
    });
    const { objects: live, healthy } = await instanceStatus(client, "app", ns);
    expect(healthy).toBe(false);
    expect(live.find(({ ref }) => ref.name === "later")?.status).toBe("NotFound");
    const fixed = desired("app", ns, [set("main", configMap("fine", {}))]);
    await applyInstance(client, fixed, { timeoutMs: 20_000 });
    expect((await getInstance(client, "app", ns)).state).toBe("applied");
  });

  it("fails at once when a Job has failed, and leaves out what must not be waited for", async () => {
    const ns = unique("job");
    const ignored = object({
      ...simulate("ignored", "never-ready").view,
      metadata: { name: "ignored", annotations: { "action.timoni.sh/wait": "disabled" } },
    });
    const started = Date.now();
    const error = await failure(
      applyInstance(client, desired("app", ns, [set("main", ignored, job("bad", "fail"))]), {
        timeoutMs: 60_000,
      }),
    );
    expect(error.code).toBe("KUBE_NOT_READY");
    expect(error.message).toContain("Job Failed. failed: 1/1");
    expect(Date.now() - started).toBeLessThan(30_000);
    const { changes } = await applyInstance(client, desired("app", ns, [set("main", ignored)]));
    expect(changes.map(({ ref, action }) => [ref.kind, action])).toEqual([
      ["Deployment", "unchanged"],
      ["Job", "deleted"],
    ]);
  });

  it("fails at once when a pod of a StatefulSet is lost", async () => {
    const ns = unique("lost");
    const db = object({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db" },
      spec: {
        serviceName: "db",
        selector: { matchLabels: { app: "db" } },
        template: {
          metadata: {
            labels: { app: "db" },
            annotations: { "cluster.tenon.dev/simulate": "crash-loop" },
          },
          spec: { containers: [{ name: "c", image: "i" }] },
        },
      },
    });
    const started = Date.now();
    const error = await failure(
      applyInstance(client, desired("app", ns, [set("main", db)]), { timeoutMs: 60_000 }),
    );
    expect(error.message).toContain("Containers in CrashLoop state: c");
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  it("goes by health checks where there are some", async () => {
    const ns = unique("health");
    const app = desired("app", ns, [set("main", configMap("a", { ready: "no" }))]);
    let asked = 0;
    const check = (json: string) => {
      asked++;
      expect(JSON.parse(json)).toMatchObject({ kind: "ConfigMap", data: { ready: "no" } });
      return asked < 3
        ? ({ status: "InProgress", message: "not yet" } as const)
        : ({ status: "Current", message: "yes" } as const);
    };
    await applyInstance(client, app, { healthChecks: new Map([["/ConfigMap", check]]) });
    expect(asked).toBe(3);
  });

  it("goes on asking a health check that fails", async () => {
    const ns = unique("sick");
    const app = desired("app", ns, [set("main", configMap("a", {}))]);
    const check = (): never => {
      throw new Error("no such field");
    };
    const healthChecks = new Map([["/ConfigMap", check]]);
    const error = await failure(applyInstance(client, app, { healthChecks, timeoutMs: 700 }));
    expect(error.message).toContain(
      `ConfigMap/${ns}/a Unknown: its health check failed: no such field`,
    );
  });

  it("records an instance without objects", async () => {
    const ns = unique("empty");
    const { createsNamespace, recordChanges } = await applyInstance(client, desired("app", ns, []));
    expect([createsNamespace, recordChanges]).toEqual([true, true]);
    expect((await getInstance(client, "app", ns)).state).toBe("applied");
    await deleteInstance(client, "app", ns);
  });

  it("waits no longer than it is let", async () => {
    const ns = unique("abortwait");
    const app = desired("app", ns, [set("main", simulate("web", "never-ready"))]);
    const started = Date.now();
    const running = applyInstance(client, app, {
      signal: AbortSignal.timeout(1500),
      timeoutMs: 60_000,
    });
    await expect(running).rejects.toThrow("timeout");
    expect(Date.now() - started).toBeLessThan(6000);
  });

  it("deletes everything in reverse and keeps what is not its own", async () => {
    const ns = unique("delete");
    await applyInstance(
      client,
      desired("app", ns, [set("main", configMap("a", {}), deployment("web"))]),
      { timeoutMs: 60_000 },
    );
    const dry = await deleteInstance(client, "app", ns, { dryRun: true });
    expect(dry.map(({ ref, action }) => [ref.kind, action])).toEqual([
      ["Deployment", "deleted"],
      ["ConfigMap", "deleted"],
    ]);
    expect((await getInstance(client, "app", ns)).state).toBe("applied");
    expect(await deleteInstance(client, "app", ns)).toEqual(dry);
    expect((await failure(getInstance(client, "app", ns))).code).toBe("KUBE_INSTANCE_NOT_FOUND");
    expect((await failure(deleteInstance(client, "app", ns))).code).toBe("KUBE_INSTANCE_NOT_FOUND");
  });

  it("deletes its own namespace last, and never prunes it", async () => {
    const ns = unique("home");
    const home = object({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: ns, labels: { a: "b" } },
    });
    const app = desired("app", ns, [set("main", home, configMap("a", {}))]);
    const first = await applyInstance(client, app);
    expect(first.changes.map(({ ref, action }) => [ref.kind, action])).toEqual([
      ["Namespace", "created"],
      ["ConfigMap", "created"],
    ]);
    const less = await applyInstance(client, desired("app", ns, [set("main", configMap("a", {}))]));
    expect(less.changes.at(-1)).toMatchObject({ action: "skipped", reason: "holds the instance" });
    await applyInstance(client, app);
    const changes = await deleteInstance(client, "app", ns, { timeoutMs: 60_000 });
    expect(changes.map(({ ref, action }) => [ref.kind, action])).toEqual([
      ["ConfigMap", "deleted"],
      ["Namespace", "deleted"],
    ]);
    expect((await failure(getInstance(client, "app", ns))).code).toBe("KUBE_INSTANCE_NOT_FOUND");
  });

  it("names the finalizer that holds a delete up, and finishes later", async () => {
    const ns = unique("finalizer");
    const held = { finalizers: ["example.com/hold"] };
    const app = desired("app", ns, [
      set("main", configMap("held", {}, held), configMap("free", {})),
    ]);
    await applyInstance(client, app);
    const error = await failure(deleteInstance(client, "app", ns, { timeoutMs: 1000 }));
    expect([error.code, error.message]).toEqual([
      "KUBE_TIMEOUT",
      `Cannot delete within 1s: ConfigMap/${ns}/held (held by finalizer example.com/hold)`,
    ]);
    const { state, error: why } = await getInstance(client, "app", ns);
    expect([state, why?.code]).toEqual(["deleting", "KUBE_TIMEOUT"]);
    await client.request({
      method: "PATCH",
      path: `/api/v1/namespaces/${ns}/configmaps/held`,
      contentType: "application/merge-patch+json",
      body: JSON.stringify({ metadata: { finalizers: null } }),
    });
    await deleteInstance(client, "app", ns, { timeoutMs: 5000 });
    expect((await listInstances(client, { namespace: ns })).instances).toEqual([]);
  });

  it("deletes objects of a definition before the definition, and survives a definition that is gone", async () => {
    const group = `${unique("gone")}.example.com`;
    const ns = unique("gone");
    const crd = object({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object" } },
          },
        ],
      },
    });
    const widget = object({ apiVersion: `${group}/v1`, kind: "Widget", metadata: { name: "w" } });
    const own = object({ apiVersion: "v1", kind: "Namespace", metadata: { name: `${ns}-extra` } });
    const app = desired("app", ns, [set("main", crd, own, widget)]);
    await applyInstance(client, app, { timeoutMs: 30_000 });
    const { events, onEvent } = recorder();
    await deleteInstance(client, "app", ns, { timeoutMs: 60_000, onEvent });
    const order = events.flatMap((event) =>
      event.type === "change" ? [event.change.ref.kind] : [],
    );
    expect(order).toEqual(["Widget", "Namespace", "CustomResourceDefinition"]);

    await applyInstance(client, app, { timeoutMs: 30_000 });
    await client.request({
      method: "DELETE",
      path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`,
    });
    await using fresh = await connect(cluster.kubeconfig);
    const served = async () => {
      await fresh.discovery.refresh();
      return fresh.discovery.known(`${group}/v1`, "Widget");
    };
    await expect.poll(served, { timeout: 20_000 }).toBeUndefined();
    const changes = await deleteInstance(fresh, "app", ns, { timeoutMs: 60_000 });
    expect(changes.map(({ reason }) => reason)).toEqual([
      "already gone",
      undefined,
      "already gone",
    ]);
  });
});
