import { describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { makeNamespace } from "../support/foreign-instances.ts";
import { helm, helmChart } from "../support/helm.ts";
import { fixture } from "../support/repo.ts";
import {
  type KubectlObject,
  kubectl,
  kubectlGet,
  kubectlWith,
  managersOf,
  newNamespace,
  sharedCluster,
} from "../support/shared-cluster.ts";
import type { TempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";
import { webObjects, yamlOf } from "../support/web-objects.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL", "TENON_TEST_HELM");
const kinds = "configmaps,secrets,services,deployments";

describe.skipIf(tools.missing)(`tenon leave${tools.reason}`, () => {
  const env = (): { env: Record<string, string> } => ({
    env: { KUBECONFIG: sharedCluster().kubeconfig },
  });

  /** An instance that tenon has applied. */
  async function install(prefix: string, ...flags: string[]): Promise<string> {
    const namespace = await makeNamespace(newNamespace(prefix));
    await tenon(["apply", "shop", fixture("adopt"), "-n", namespace, ...flags], env());
    return namespace;
  }

  function objectsOf(namespace: string): Promise<KubectlObject[]> {
    return kubectlGet(kinds, "-n", namespace, "-l", "app=shop");
  }

  function contentOf({ kind, metadata, spec, data }: KubectlObject): unknown {
    const { name, uid } = metadata as typeof metadata & { uid: string };
    return { kind, name, uid, spec, data };
  }

  async function replicaSets(namespace: string): Promise<unknown> {
    return (await kubectlGet("replicasets", "-n", namespace)).map(({ metadata }) => metadata.name);
  }

  it("lets Helm take plain objects over and upgrade them", async () => {
    const namespace = await install("leave-plain");
    const [before, sets] = [await objectsOf(namespace), await replicaSets(namespace)];
    const shown = await tenon(["leave", "shop", "-n", namespace, "--dry-run"], env());
    expect(shown).toContain("left as plain objects (dry run)");
    expect(await objectsOf(namespace)).toEqual(before);
    await tenon(["leave", "shop", "-n", namespace], env());

    const after = await objectsOf(namespace);
    expect(after.map(contentOf)).toEqual(before.map(contentOf));
    for (const object of after) {
      expect(object.metadata.labels).toEqual({ app: "shop" });
      expect(managersOf(object)).toEqual(object.kind === "Deployment" ? [] : ["tenon-left Update"]);
    }
    expect(await kubectlGet("secrets", "-n", namespace, "-l", "tenon.dev/record")).toEqual([]);
    await using chart: TempDir = await helmChart(
      yamlOf(webObjects("{{ .Release.Name }}", { colour: "{{ .Values.colour }}" })),
    );
    const values = (colour: string): string[] => ["-n", namespace, "--set", `colour=${colour}`];
    await helm("install", "shop", chart.path, "--take-ownership", ...values("blue"));
    expect(await replicaSets(namespace)).toEqual(sets);
    await helm("upgrade", "shop", chart.path, ...values("red"));
    const [map] = await kubectlGet("configmap", "shop", "-n", namespace);
    expect(map?.["data"]).toEqual({ colour: "red" });
  });

  it.each([
    ["client-side", []],
    ["server-side", ["--server-side"]],
  ])("--to kubectl lets kubectl apply (%s) go on", async (_, side) => {
    const namespace = await install("leave-kubectl");
    const [before, sets] = [await objectsOf(namespace), await replicaSets(namespace)];
    await tenon(["leave", "shop", "-n", namespace, "--to", "kubectl"], env());
    const after = await objectsOf(namespace);
    expect(after.map(contentOf)).toEqual(before.map(contentOf));
    for (const object of after) {
      expect(managersOf(object)).toEqual(["kubectl-client-side-apply Update"]);
    }
    expect(await replicaSets(namespace)).toEqual(sets);

    // Of the Secret kubectl keeps keys that a file gives as stringData, so it gets them as data.
    const password = Buffer.from("pass-one").toString("base64");
    const files = (options: Parameters<typeof webObjects>[1], data: object): string =>
      yamlOf(
        webObjects("shop", options).map((object) =>
          object["kind"] === "Secret" ? { ...object, stringData: undefined, data } : object,
        ),
      );
    const same = files({}, { password });
    expect(await kubectlWith(same, "diff", ...side, "-n", namespace, "-f", "-")).toBe("");
    const changed = files({ colour: "red", image: "nginx:2" }, { other: password });
    await kubectlWith(changed, "apply", ...side, "-n", namespace, "-f", "-");
    const [map, secret] = await kubectlGet("configmap/shop", "secret/shop", "-n", namespace);
    expect(map?.["data"]).toEqual({ colour: "red" });
    expect(secret?.["data"]).toEqual({ other: password });
    expect(await kubectl("get", "deploy", "shop", "-n", namespace, "-o", "wide")).toContain(
      "nginx:2",
    );
  });

  it("--to timoni writes Timoni's record, labels and field manager", async () => {
    const namespace = await install("leave-timoni");
    const before = await objectsOf(namespace);
    const text = await tenon(["leave", "shop", "-n", namespace, "--to", "timoni"], env());
    expect(text).toContain("left to timoni");
    const after = await objectsOf(namespace);
    const generations = (objects: readonly KubectlObject[]): unknown[] =>
      objects.map(({ metadata }) => (metadata as { generation?: number }).generation);
    expect(after.map(contentOf)).toEqual(before.map(contentOf));
    expect(generations(after)).toEqual(generations(before));
    for (const object of after) {
      expect(managersOf(object)).toEqual(["timoni Apply"]);
      expect(object.metadata.labels).toEqual({
        app: "shop",
        "instance.timoni.sh/name": "shop",
        "instance.timoni.sh/namespace": namespace,
      });
    }
    const [record] = await kubectlGet("secret", "timoni.shop", "-n", namespace);
    const { type, data } = record as unknown as { type: string; data: Record<string, string> };
    expect(type).toBe("timoni.sh/instance");
    expect(record?.metadata.labels).toEqual({
      "app.kubernetes.io/name": "shop",
      "app.kubernetes.io/component": "instance",
      "app.kubernetes.io/created-by": "timoni",
    });
    const instance = JSON.parse(Buffer.from(data["instance"] ?? "", "base64").toString()) as {
      inventory: { entries: unknown };
    };
    expect(instance).toMatchObject({
      kind: "Instance",
      apiVersion: "timoni.sh/v1alpha1",
      metadata: { name: "shop", namespace },
      values: expect.stringMatching(/^\{/) as string,
    });
    expect(instance.inventory.entries).toEqual([
      { id: `${namespace}_shop__ConfigMap`, v: "v1" },
      { id: `${namespace}_shop__Secret`, v: "v1" },
      { id: `${namespace}_shop__Service`, v: "v1" },
      { id: `${namespace}_shop_apps_Deployment`, v: "v1" },
    ]);
    const refused = await spawnTenon(["apply", "shop", fixture("adopt"), "-n", namespace], env());
    expect(refused.stderr).toContain("KUBE_MANAGED_BY_TIMONI");
  });

  it("leaves what is gone or another's, and an unknown instance is an error", async () => {
    const namespace = await install("leave-odd");
    await kubectl("delete", "configmap", "shop", "-n", namespace);
    const other = "tenon.dev/instance=other";
    await kubectl("label", "service/shop", other, "--overwrite", "-n", namespace);
    const { objects } = JSON.parse(
      await tenon(["leave", "shop", "-n", namespace, "-o", "json"], env()),
    ) as { objects: { ref: { kind: string }; action: string; reason?: string }[] };
    expect(objects.map(({ ref, action, reason }) => [ref.kind, action, reason])).toEqual([
      ["ConfigMap", "skipped", "already gone"],
      ["Secret", "left", undefined],
      ["Service", "skipped", "owned by another"],
      ["Deployment", "left", undefined],
    ]);
    const unknown = await spawnTenon(["leave", "shop", "-n", namespace], env());
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("KUBE_INSTANCE_NOT_FOUND");
  });

  it("is completed by the next run after a SIGKILL at any response", async () => {
    await using proxy: ApiProxy = await startApiProxy(sharedCluster());
    const ended = { env: { KUBECONFIG: proxy.kubeconfig } };
    let killed = 0;
    for (let response = 2; ; response += 3) {
      const namespace = await install("leave-kill", "--no-wait");
      const before = (await objectsOf(namespace)).map(contentOf);
      const args = ["leave", "shop", "-n", namespace, "--to", "kubectl"];
      const running = startTenon(args, ended);
      proxy.reset((_, count) => {
        if (count === response) running.child.kill("SIGKILL");
      });
      const { signal, stderr } = await running.result;
      await proxy.idle();
      if (signal === null) {
        expect(stderr).not.toContain("error:");
        break;
      }
      killed++;
      const repeated = await spawnTenon(args, ended);
      // Killed at its last answer it has nothing left to do.
      if (repeated.code !== 0) expect(repeated.stderr).toContain("KUBE_INSTANCE_NOT_FOUND");
      const after = await objectsOf(namespace);
      expect(after.map(contentOf), `killed at ${response}`).toEqual(before);
      for (const object of after) {
        expect(managersOf(object)).toEqual(["kubectl-client-side-apply Update"]);
        expect(object.metadata.labels).toEqual({ app: "shop" });
      }
      expect(await kubectlGet("secrets", "-n", namespace, "-l", "tenon.dev/record")).toEqual([]);
    }
    expect(killed).toBeGreaterThan(4);
  });
});
