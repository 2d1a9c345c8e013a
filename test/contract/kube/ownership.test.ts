import {
  type KubeClient,
  type KubeError,
  applyInstance,
  createKubeClient,
  fieldManager,
  getObject,
  listInstances,
  loadKubeConfig,
  localHolder,
  planInstance,
  serverSideApply,
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
  writesOf,
} from "./cluster.ts";

describeOnCluster("ownership and actions", () => {
  let cluster: ClusterInfo;
  let client: KubeClient;
  useCluster((started) => ({ cluster, client } = started));

  async function read(apiVersion: string, kind: string, namespace: string, name: string) {
    const resource = await client.discovery.get(apiVersion, kind);
    return getObject(client, resource, { apiVersion, kind, namespace, name });
  }

  async function makeNamespace(name: string): Promise<void> {
    await client.request({
      method: "POST",
      path: "/api/v1/namespaces",
      body: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name } }),
    });
  }

  /** Changes an object as another manager: the way kubectl edit does unless one is named. */
  async function edit(
    namespace: string,
    name: string,
    data: Record<string, string>,
    fieldManager = "kubectl-edit",
  ): Promise<void> {
    await client.request({
      method: "PATCH",
      path: `/api/v1/namespaces/${namespace}/configmaps/${name}`,
      query: { fieldManager },
      contentType: "application/merge-patch+json",
      body: JSON.stringify({ data }),
    });
  }

  it("never takes a field from another manager in silence", async () => {
    const ns = unique("conflict");
    const app = desired("app", ns, [set("main", configMap("a", { k: "1", other: "x" }))]);
    await applyInstance(client, app);
    await edit(ns, "a", { k: "by a controller" }, "tuner");
    const agent = unique("conflict-agent");
    const watched = await connect(cluster.kubeconfig, agent);
    const error = await failure(applyInstance(watched, app));
    expect(error.code).toBe("KUBE_CONFLICT");
    expect(error.details["conflicts"]).toMatchObject([{ field: ".data.k", manager: "tuner" }]);
    expect(error.message).toMatch(/ConfigMap\/.*\/a: \.data\.k is owned by tuner since 20/);
    expect(await writesOf(cluster, agent)).toEqual([]);
    const { changes } = await applyInstance(watched, app, { forceConflicts: true });
    expect(changes[0]?.fields).toEqual([{ path: "data.k", before: "by a controller", after: "1" }]);
    await watched.close();
  });

  it("takes back what was applied and somebody has changed by hand, and says so", async () => {
    const ns = unique("by-hand");
    const app = (data: Record<string, string>) =>
      desired("app", ns, [set("main", configMap("a", data))]);
    await applyInstance(client, app({ k: "1" }));
    await edit(ns, "a", { k: "by hand", more: "by hand" });
    const { changes } = await applyInstance(client, app({ k: "1" }));
    expect(changes).toMatchObject([
      {
        action: "configured",
        reason: "takes back what kubectl-edit changed",
        fields: [{ path: "data.k", before: "by hand", after: "1" }],
      },
    ]);
    // What was never applied is not taken back.
    const error = await failure(applyInstance(client, app({ k: "1", more: "1" })));
    expect(error.code).toBe("KUBE_CONFLICT");
  });

  it("leaves fields alone that the module does not set", async () => {
    const ns = unique("merge");
    const app = desired("app", ns, [set("main", configMap("a", { k: "1" }))]);
    await applyInstance(client, app);
    await edit(ns, "a", { mine: "stays" });
    const { changes } = await applyInstance(client, app);
    expect(changes[0]?.action).toBe("unchanged");
    expect((await read("v1", "ConfigMap", ns, "a"))?.["data"]).toEqual({ k: "1", mine: "stays" });
  });

  it("rejects objects of another instance until told otherwise", async () => {
    const ns = unique("owned");
    await applyInstance(client, desired("one", ns, [set("main", configMap("shared", { k: "1" }))]));
    const two = desired("two", ns, [set("main", configMap("shared", { k: "2" }))]);
    const error = await failure(applyInstance(client, two));
    expect(error.code).toBe("KUBE_OWNED_BY_OTHER");
    expect(error.details["owner"]).toEqual({ name: "one", namespace: ns });
    const { instances } = await listInstances(client, { namespace: ns });
    expect(instances.map(({ name }) => name)).toEqual(["one"]);
    const taken = await applyInstance(client, two, { overwriteOwnership: true });
    expect(taken.changes[0]?.action).toBe("configured");
    const pruned = await applyInstance(
      client,
      desired("one", ns, [set("main", configMap("b", {}))]),
    );
    expect(pruned.changes.find(({ ref }) => ref.name === "shared")).toMatchObject({
      action: "skipped",
      reason: "owned by another",
    });
    expect(await read("v1", "ConfigMap", ns, "shared")).toBeDefined();
  });

  it("creates one-off objects once and keeps objects whose prune is disabled", async () => {
    const ns = unique("actions");
    const once = { annotations: { "action.timoni.sh/one-off": "Enabled" } };
    const keep = { labels: { "action.timoni.sh/prune": "disabled" } };
    const make = (value: string) =>
      desired("app", ns, [
        set("main", configMap("once", { k: value }, once), configMap("keep", { k: value }, keep)),
      ]);
    await applyInstance(client, make("1"));
    const { changes } = await applyInstance(client, make("2"));
    expect(changes.map(({ ref, action, reason }) => [ref.name, action, reason])).toEqual([
      ["keep", "configured", undefined],
      ["once", "skipped", "one-off"],
    ]);
    expect((await read("v1", "ConfigMap", ns, "once"))?.["data"]).toEqual({ k: "1" });
    const none = await applyInstance(client, desired("app", ns, [set("main", configMap("x", {}))]));
    expect(none.changes.map(({ ref, action }) => [ref.name, action])).toEqual([
      ["x", "created"],
      ["once", "deleted"],
      ["keep", "skipped"],
    ]);
    expect(await read("v1", "ConfigMap", ns, "keep")).toBeDefined();
  });

  it("recreates for immutable fields when forced, and for nothing else", async () => {
    const ns = unique("immutable");
    const make = (data: string, port = 80) =>
      desired("app", ns, [
        set(
          "main",
          object({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "a" },
            immutable: true,
            data: { k: data },
          }),
          object({
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: "s" },
            spec: { selector: { a: "b" }, ports: [{ port }] },
          }),
        ),
      ]);
    await applyInstance(client, make("1"));
    const uid = (await read("v1", "ConfigMap", ns, "a"))?.metadata["uid"];
    expect((await failure(applyInstance(client, make("2")))).code).toBe("KUBE_IMMUTABLE");
    const invalid = await failure(applyInstance(client, make("1", 700_000), { force: true }));
    expect(invalid.code).toBe("KUBE_INVALID");
    expect(invalid.message).toContain("spec.ports[0].port");
    expect(await read("v1", "Service", ns, "s")).toBeDefined();
    const plan = await planInstance(client, make("2"), { force: true });
    expect(plan.changes[0]).toMatchObject({ action: "created", recreated: true });
    const { changes } = await applyInstance(client, make("2"), { force: true });
    expect(changes.map(({ action }) => action)).toEqual(["created", "unchanged"]);
    const after = await read("v1", "ConfigMap", ns, "a");
    expect(after?.["data"]).toEqual({ k: "2" });
    expect(after?.metadata["uid"]).not.toBe(uid);
  });

  it("names every object that the server refuses and writes nothing", async () => {
    const ns = unique("invalid");
    const agent = unique("invalid-agent");
    const watched = await connect(cluster.kubeconfig, agent);
    await makeNamespace(ns);
    const bad = (name: string) =>
      object({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name },
        spec: { ports: [{ port: 0 }] },
      });
    const app = desired("app", ns, [set("main", configMap("ok", {}), bad("s1"), bad("s2"))]);
    const error = await failure(applyInstance(watched, app));
    expect(error.code).toBe("KUBE_INVALID");
    expect(error.diagnostics.map(({ text }) => text.split(":")[0])).toEqual([
      `Service/${ns}/s1`,
      `Service/${ns}/s2`,
    ]);
    expect(await writesOf(cluster, agent)).toEqual([]);
    const unknownField = object({
      ...deployment("d").view,
      spec: { ...(deployment("d").view["spec"] as object), replicsa: 1 },
    });
    const typo = await failure(
      applyInstance(watched, desired("app", ns, [set("main", unknownField)])),
    );
    expect([typo.code, typo.message]).toEqual([
      "KUBE_INVALID",
      expect.stringContaining("replicsa"),
    ]);
    await watched.close();
  });

  it("rejects kinds that nobody serves, with a suggestion", async () => {
    const typo = object({ apiVersion: "apps/v1", kind: "Deploymnet", metadata: { name: "x" } });
    const error = await failure(
      applyInstance(client, desired("app", "default", [set("main", typo)])),
    );
    expect([error.code, error.hint]).toEqual(["KUBE_KIND_UNKNOWN", "Did you mean Deployment?"]);
    const old = object({
      apiVersion: "extensions/v1beta1",
      kind: "Ingress",
      metadata: { name: "x" },
    });
    const moved = await failure(
      applyInstance(client, desired("app", "default", [set("main", old)])),
    );
    expect(moved.hint).toBe("The server has Ingress in networking.k8s.io/v1");
  });

  it("detects an instance of Timoni", async () => {
    const ns = unique("timoni");
    await makeNamespace(ns);
    await client.request({
      method: "POST",
      path: `/api/v1/namespaces/${ns}/secrets`,
      body: JSON.stringify({
        apiVersion: "v1",
        kind: "Secret",
        type: "timoni.sh/instance",
        metadata: { name: "timoni.app" },
      }),
    });
    const error = await failure(applyInstance(client, desired("app", ns, [])));
    expect(error.code).toBe("KUBE_MANAGED_BY_TIMONI");
    expect(error.hint).toBe(`tenon adopt app MODULE -n ${ns} --from timoni`);
  });

  it("keeps bundles apart", async () => {
    const ns = unique("bundle");
    const sets = [set("main", configMap("a", {}))];
    await applyInstance(client, desired("app", ns, sets, { bundle: "one" }));
    const other = desired("app", ns, sets, { bundle: "two" });
    expect((await failure(planInstance(client, other))).code).toBe("KUBE_BUNDLE_CONFLICT");
    expect((await failure(applyInstance(client, desired("app", ns, sets)))).code).toBe(
      "KUBE_BUNDLE_CONFLICT",
    );
    await applyInstance(client, other, { overwriteOwnership: true });
    const { instances } = await listInstances(client, { allNamespaces: true, bundle: "two" });
    expect(instances.map(({ name, namespace }) => [name, namespace])).toEqual([["app", ns]]);
    await applyInstance(client, desired("app", ns, sets), { overwriteOwnership: true });
    expect((await listInstances(client, { allNamespaces: true, bundle: "two" })).instances).toEqual(
      [],
    );
  });

  it("sends objects as they were rendered", async () => {
    const ns = unique("lossless");
    const json = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"big"},"data":{"10":"a","2":"b"}}`;
    const text = { json, view: JSON.parse(json) };
    const crd = definition(unique("lossless"), "Namespaced");
    const cr = `{"apiVersion":"${crd.group}/v1","kind":"Thing","metadata":{"name":"n"},"spec":{"n":9007199254740993}}`;
    const big = { json: cr, view: JSON.parse(cr) };
    await applyInstance(client, desired("app", ns, [set("main", crd.object, text, big)]));
    const resource = await client.discovery.get(`${crd.group}/v1`, "Thing");
    const live = await getObject(client, resource, { ...big.view, namespace: ns, name: "n" });
    expect(live?.["spec"]).toEqual({ n: "9007199254740993" });
    const next = { json: cr.replace("993", "992"), view: big.view };
    const { changes } = await applyInstance(
      client,
      desired("app", ns, [set("main", crd.object, text, next)]),
    );
    expect(changes.map(({ action }) => action)).toEqual(["unchanged", "unchanged", "configured"]);
  });

  it("installs definitions and their objects in one go, cluster-scoped ones without a namespace", async () => {
    const ns = unique("crd");
    const crd = definition(unique("crd"), "Cluster");
    const thing = object({
      apiVersion: `${crd.group}/v1`,
      kind: "Thing",
      metadata: { name: "one", namespace: "somewhere" },
      spec: { n: 1 },
    });
    const role = object({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: unique("Role:x"), namespace: "somewhere" },
      rules: [],
    });
    const app = desired("app", ns, [set("main", thing, role, crd.object)]);
    const plan = await planInstance(client, app);
    expect(plan.changes.map(({ ref, action }) => [ref.kind, ref.namespace, action])).toEqual([
      ["CustomResourceDefinition", undefined, "created"],
      ["ClusterRole", undefined, "created"],
      ["Thing", undefined, "created"],
    ]);
    const { changes } = await applyInstance(client, app, { wait: false });
    expect(changes).toEqual(plan.changes);
    const again = await applyInstance(client, app);
    expect(again.changes.map(({ action }) => action)).toEqual([
      "unchanged",
      "unchanged",
      "unchanged",
    ]);
  });

  it("removes keys of stringData and masks secrets in the diff", async () => {
    const ns = unique("secret");
    const make = (stringData: Record<string, string>) =>
      desired("app", ns, [
        set(
          "main",
          object({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData }),
        ),
      ]);
    await applyInstance(client, make({ a: "1", b: "2" }));
    const { changes } = await applyInstance(client, make({ a: "3" }));
    expect(changes[0]?.fields).toEqual([
      { path: "data.a", before: "*** (before)", after: "*** (after)" },
      { path: "data.b", before: "***" },
    ]);
    expect((await read("v1", "Secret", ns, "s"))?.["data"]).toEqual({ a: "Mw==" });
  });

  it("is refused where the user may not, with the command that checks it", async () => {
    const poor = await connect(cluster.unprivileged);
    const error = await failure(
      applyInstance(poor, desired("app", "default", [set("main", configMap("a", {}))])),
    );
    expect(error.code).toBe("KUBE_FORBIDDEN");
    expect(error.hint).toMatch(/^kubectl auth can-i get secrets -n default$/);
    await poor.close();
  });

  it("needs no more than reading and writing its own objects", async () => {
    const ns = unique("poor");
    await makeNamespace(ns);
    const grant = (kind: string, body: object) =>
      client.request({
        method: "POST",
        path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}/${kind}`,
        body: JSON.stringify({ metadata: { name: "dev" }, ...body }),
      });
    const verbs = ["get", "create", "patch", "delete"];
    await grant("roles", {
      rules: [{ apiGroups: [""], resources: ["configmaps", "secrets"], verbs }],
    });
    await grant("rolebindings", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "dev" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "developers" }],
    });
    const poor = createKubeClient(
      await loadKubeConfig({
        env: {},
        kubeconfig: cluster.kubeconfig,
        as: "jane",
        asGroups: ["developers"],
      }),
    );
    const app = (...names: string[]) =>
      desired("app", ns, [set("main", ...names.map((name) => configMap(name, {})))]);
    await applyInstance(poor, app("a", "b", "c", "d"));
    const { changes } = await applyInstance(poor, app("a", "b", "c"));
    expect(changes.map(({ action }) => action)).toEqual([
      "unchanged",
      "unchanged",
      "unchanged",
      "deleted",
    ]);
    const error = await failure(
      applyInstance(poor, desired("app", ns, [set("main", deployment("web"))])),
    );
    expect([error.code, error.hint]).toEqual([
      "KUBE_FORBIDDEN",
      `kubectl auth can-i patch deployments.apps -n ${ns} --as jane`,
    ]);
    expect(error.details["denied"]).toEqual({
      verb: "patch",
      resource: "deployments",
      group: "apps",
      namespace: ns,
    });
    await poor.close();
  });

  it("is refused with a wrong token", async () => {
    const { env, kubeconfig } = { env: {}, kubeconfig: cluster.kubeconfig };
    await using stranger = createKubeClient(
      await loadKubeConfig({ env, kubeconfig, token: "wrong" }),
    );
    const error = await failure(listInstances(stranger));
    expect([error.code, error.hint]).toEqual([
      "KUBE_UNAUTHORIZED",
      "Log in again, or check the user of the kubeconfig context",
    ]);
  });

  it("tells a certificate that it does not trust", async () => {
    const connection = await loadKubeConfig({ env: {}, kubeconfig: cluster.kubeconfig });
    const { ca: _, ...tls } = connection.tls;
    await using client = createKubeClient({ ...connection, tls });
    const error = await failure(client.version());
    expect(error.code).toBe("KUBE_UNREACHABLE");
    expect(error.message).toMatch(/certificate/);
    await using insecure = createKubeClient({ ...connection, tls: { ...tls, insecure: true } });
    expect((await insecure.version()).gitVersion).toMatch(/^v1\./);
  });

  it("lets only one run change an instance", async () => {
    const ns = unique("locked");
    const slow = desired("app", ns, [
      set(
        "main",
        deployment("web", "nginx:1", { annotations: { "cluster.tenon.dev/simulate": "slow:3s" } }),
      ),
    ]);
    const running = applyInstance(client, slow, { timeoutMs: 30_000 });
    await expect
      .poll(async () => (await listInstances(client, { namespace: ns })).instances[0]?.state)
      .toBe("pending");
    const changed = desired("app", ns, [set("main", configMap("b", {}))]);
    const error = await failure(applyInstance(client, changed));
    expect(error.code).toBe("KUBE_RECORD_LOCKED");
    expect(error.details["holder"]).toMatchObject({ pid: process.pid });
    await running;
    const { events, onEvent } = recorder();
    await applyInstance(client, changed, { onEvent });
    expect(events.map(({ type }) => type)).toContain("lock-taken");
  });

  it("takes over from a dead process at once", async () => {
    const ns = unique("dead");
    await makeNamespace(ns);
    const dead = { ...localHolder(), id: "dead", pid: 2 ** 22 + 1 };
    const stop = new AbortController();
    const web = deployment("web", "nginx:1", {
      annotations: { "cluster.tenon.dev/simulate": "never-ready" },
    });
    const running = failure(
      applyInstance(client, desired("app", ns, [set("main", web)]), {
        holder: dead,
        // Dying means not to say goodbye: every write after the first fails.
        onEvent: (event) => event.type === "waiting" && stop.abort(new Error("killed")),
        signal: stop.signal,
      }),
    );
    await running;
    const next = desired("app", ns, [set("main", configMap("b", {}))]);
    const { changes } = await applyInstance(client, next, { timeoutMs: 20_000 });
    expect(changes.map(({ ref, action }) => [ref.kind, action])).toEqual([
      ["ConfigMap", "created"],
      ["Deployment", "deleted"],
    ]);
  });

  it("applies as one manager only", async () => {
    const ns = unique("manager");
    await applyInstance(client, desired("app", ns, [set("main", configMap("a", { k: "1" }))]));
    const live = await read("v1", "ConfigMap", ns, "a");
    expect(live?.metadata["managedFields"]).toMatchObject([
      { manager: fieldManager, operation: "Apply" },
    ]);
    const error: KubeError = await failure(
      serverSideApply(
        client,
        await client.discovery.get("v1", "ConfigMap"),
        {
          ref: { apiVersion: "v1", kind: "ConfigMap", namespace: "nowhere", name: "x" },
          json: configMap("x", {}).json,
        },
        { dryRun: false, forceConflicts: false },
      ),
    );
    expect(error.code).toBe("KUBE_NAMESPACE_NOT_FOUND");
  });

  it("applyInstance() writes nothing when the server refuses something of a later stage or set", async () => {
    const namespace = unique("later");
    await makeNamespace(namespace);
    const agent = unique("agent");
    await using observed = await connect(cluster.kubeconfig, agent);
    const role = object({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: unique("role") },
      rules: [],
    });
    const broken = object({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "broken" },
      spec: { ports: [{ port: 70_000 }] },
    });
    const sets = [set("app", role, configMap("first", { a: "1" })), set("test", broken)];
    const error = await failure(applyInstance(observed, desired("x", namespace, sets)));
    expect(error.code).toBe("KUBE_INVALID");
    expect(await writesOf(cluster, agent)).toEqual([]);
  });
});

function definition(name: string, scope: "Namespaced" | "Cluster") {
  const group = `${name}.example.com`;
  const schema = {
    openAPIV3Schema: {
      type: "object",
      properties: {
        spec: { type: "object", properties: { n: { type: "integer", format: "int64" } } },
      },
    },
  };
  return {
    group,
    object: object({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope,
        names: { kind: "Thing", plural: "things", singular: "thing", listKind: "ThingList" },
        versions: [{ name: "v1", served: true, storage: true, schema }],
      },
    }),
  };
}
