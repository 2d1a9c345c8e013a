import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { established } from "../support/definitions.ts";
import { applyAs, makeNamespace, makeTimoniInstance } from "../support/foreign-instances.ts";
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
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";
import { webObjects, yamlOf } from "../support/web-objects.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL", "TENON_TEST_HELM");
const module = fixture("adopt");
const kinds = "configmaps,secrets,services,deployments";

interface Report {
  readonly from: string;
  readonly objects: readonly {
    readonly ref: { readonly kind: string; readonly name: string };
    readonly action: string;
    readonly restarts: boolean;
    readonly fields: readonly { readonly path: string; readonly before?: unknown }[];
    readonly conflicts: readonly { readonly field: string; readonly manager: string }[];
  }[];
  readonly leftBehind: readonly {
    readonly ref: { readonly name: string };
    readonly action: string;
  }[];
  readonly records: readonly { readonly name: string }[];
  readonly notes: readonly string[];
}

describe.skipIf(tools.missing)(`tenon adopt${tools.reason}`, () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await tempDir();
  });
  afterAll(() => dir?.[Symbol.asyncDispose]());

  const env = (): { env: Record<string, string> } => ({
    env: { KUBECONFIG: sharedCluster().kubeconfig },
  });

  function adoptArgs(name: string, namespace: string, ...more: string[]): string[] {
    return ["adopt", name, module, "-n", namespace, ...more];
  }

  async function adopt(name: string, namespace: string, ...more: string[]): Promise<Report> {
    const args = adoptArgs(name, namespace, ...more, "-o", "json");
    return JSON.parse(await tenon(args, env())) as Report;
  }

  function actionsOf({ objects }: Report): Record<string, string> {
    return Object.fromEntries(objects.map(({ ref, action }) => [ref.kind, action]));
  }

  async function live(namespace: string, kind: string, name: string): Promise<KubectlObject> {
    const [object] = await kubectlGet(kind, name, "-n", namespace);
    return object!;
  }

  const same = { ConfigMap: "same", Secret: "same", Service: "same", Deployment: "same" };

  it("from Helm shows first what would change, and does just that", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-release"));
    const old = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "{{ .Release.Name }}-old" },
      data: { a: "b" },
    };
    const objects = [...webObjects("{{ .Release.Name }}", { old: true }), old];
    await using chart: TempDir = await helmChart(yamlOf(objects));
    await helm("install", "shop", chart.path, "-n", namespace);
    await helm("upgrade", "shop", chart.path, "-n", namespace);
    const values = await dir.write({
      "new-password.yaml": "values: { password: word-of-secrets }\n",
    });
    const flags = ["--from", "helm", "-f", values];
    const before = await kubectlGet(kinds, "-n", namespace);

    const plan = await adopt("shop", namespace, ...flags, "--dry-run");
    expect(plan.from).toBe(`Helm release shop in ${namespace} (revision 2)`);
    expect(actionsOf(plan)).toEqual({ ...same, ConfigMap: "changed", Secret: "changed" });
    const fields = plan.objects.flatMap((object) => object.fields);
    expect(fields).toEqual([
      { path: "data.old", before: "yes" },
      { path: "data.password", before: "*** (before)", after: "*** (after)" },
    ]);
    expect(plan.objects.some(({ restarts }) => restarts)).toBe(false);
    expect(plan.leftBehind).toMatchObject([{ ref: { name: "shop-old" }, action: "stays" }]);
    expect(await kubectlGet(kinds, "-n", namespace)).toEqual(before);

    const unasked = await spawnTenon(adoptArgs("shop", namespace, ...flags), env());
    expect(unasked).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("CLI_USAGE") as string,
    });
    const text = await tenon(adoptArgs("shop", namespace, ...flags, "--yes"), env());
    expect(text).toContain("ConfigMap/" + `${namespace}/shop-old stays behind`);
    expect(text).not.toContain("word-of-secrets");

    expect((await live(namespace, "configmap", "shop"))["data"]).toEqual({ colour: "blue" });
    const { data } = (await live(namespace, "secret", "shop")) as unknown as {
      data: Record<string, string>;
    };
    expect(Buffer.from(data["password"] ?? "", "base64").toString()).toBe("word-of-secrets");
    for (const object of await kubectlGet(
      kinds,
      "-n",
      namespace,
      "-l",
      "tenon.dev/instance=shop",
    )) {
      expect(managersOf(object), object.kind).toEqual(["tenon Apply"]);
      expect(JSON.stringify(object.metadata)).not.toMatch(/helm/i);
    }
    expect(await helm("list", "-q", "-n", namespace)).toBe("");
    expect((await live(namespace, "configmap", "shop-old"))["data"]).toEqual({ a: "b" });
    const again = await adopt("shop", namespace, ...flags, "--yes");
    expect(actionsOf(again)).toEqual(same);
  });

  it("from Helm with --prune deletes what the module has not", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-prune"));
    const extra = ["gone", "kept"].map((name) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name,
        ...(name === "kept" ? { annotations: { "helm.sh/resource-policy": "keep" } } : {}),
      },
    }));
    await using chart: TempDir = await helmChart(
      yamlOf([...webObjects("{{ .Release.Name }}"), ...extra]),
    );
    await helm("install", "shop", chart.path, "-n", namespace);
    const report = await adopt("shop", namespace, "--from", "helm", "--prune", "--yes");
    expect(report.leftBehind).toMatchObject([
      { ref: { name: "gone" }, action: "deleted" },
      { ref: { name: "kept" }, action: "stays" },
    ]);
    const names = (await kubectlGet("configmaps", "-n", namespace)).map(
      ({ metadata }) => metadata.name,
    );
    expect(names.toSorted()).toEqual(["kept", "kube-root-ca.crt", "shop"]);
  });

  it("from kubectl takes client-side and server-side applied objects, and leaves restarts alone", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-kubectl"));
    await kubectlWith(yamlOf(webObjects("client")), "apply", "-n", namespace, "-f", "-");
    await applyAs("kubectl", namespace, webObjects("server"));
    await kubectl("rollout", "restart", "deployment/client", "-n", namespace);
    await kubectl("rollout", "status", "deployment/client", "-n", namespace);
    const template = JSON.stringify((await live(namespace, "deployment", "client"))["spec"]);
    for (const name of ["client", "server"]) {
      const report = await adopt(name, namespace, "--from", "kubectl", "--yes");
      expect(actionsOf(report)).toEqual(same);
      expect(report.notes.join()).toContain("kubectl keeps no list");
    }
    const deployment = await live(namespace, "deployment", "client");
    expect(JSON.stringify(deployment["spec"])).toBe(template);
    expect(template).toContain("restartedAt");
    expect(JSON.stringify(deployment.metadata)).not.toContain("last-applied");
    expect(managersOf(deployment)).toEqual(["tenon Apply", "kubectl-rollout Update"]);
  });

  it("from Timoni is what the hint of apply says", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-instance"));
    await makeTimoniInstance("shop", namespace);
    const refused = await spawnTenon(["apply", "shop", module, "-n", namespace], env());
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("KUBE_MANAGED_BY_TIMONI");
    expect(refused.stderr).toContain(`tenon adopt shop MODULE -n ${namespace} --from timoni`);
    const { generation } = (await live(namespace, "deployment", "shop")).metadata as unknown as {
      generation: number;
    };
    expect(actionsOf(await adopt("shop", namespace, "--from", "timoni", "--yes"))).toEqual(same);
    expect((await live(namespace, "deployment", "shop")).metadata).toMatchObject({ generation });
    const secrets = await kubectlGet("secrets", "-n", namespace);
    expect(secrets.map(({ metadata }) => metadata.name)).toEqual(["shop", "tenon.shop"]);
    for (const object of await kubectlGet(kinds, "-n", namespace, "-l", "app=shop")) {
      expect(JSON.stringify(object.metadata)).not.toContain("timoni");
    }
    const { changes } = JSON.parse(
      await tenon(["apply", "shop", module, "-n", namespace, "-o", "json"], env()),
    ) as { changes: { action: string }[] };
    expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(["unchanged"]));
  });

  it("from Flux needs a suspended owner", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-flux"));
    await kubectlWith(yamlOf([kustomizations]), "apply", "--server-side", "-f", "-");
    await established(sharedCluster().kubeconfig, `crd/${kustomizations.metadata.name}`);
    const labels = {
      "kustomize.toolkit.fluxcd.io/name": "apps",
      "kustomize.toolkit.fluxcd.io/namespace": namespace,
    };
    const extra = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "extra", labels } };
    const owner = {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: "apps", namespace },
      spec: { suspend: false },
      status: { inventory: { entries: [{ id: `${namespace}_extra__ConfigMap`, v: "v1" }] } },
    };
    await kubectlWith(yamlOf([owner]), "create", "-f", "-");
    await applyAs("kustomize-controller", namespace, [...webObjects("shop", { labels }), extra]);
    const flags = ["--from", "flux", "--yes"];
    const refused = await spawnTenon(adoptArgs("shop", namespace, ...flags), env());
    expect(refused.stderr).toContain("KUBE_STILL_RECONCILED");
    expect(refused.stderr).toContain(`flux suspend kustomization apps -n ${namespace}`);
    const suspend = `{"spec":{"suspend":true}}`;
    await kubectl("patch", "kustomization", "apps", "-n", namespace, "--type=merge", "-p", suspend);
    const report = await adopt("shop", namespace, ...flags);
    expect(actionsOf(report)).toEqual(same);
    expect(report.leftBehind).toMatchObject([{ ref: { name: "extra" }, action: "stays" }]);
    expect(report.notes).toEqual([expect.stringContaining("stays, suspended")]);
    expect((await live(namespace, "deployment", "shop")).metadata.labels).toEqual({
      app: "shop",
      "tenon.dev/instance": "shop",
      "tenon.dev/instance-namespace": namespace,
    });
  });

  it("from a HelmRelease of Flux ends the release too, or deleting it would uninstall it", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-flux-chart"));
    await using chart: TempDir = await helmChart(yamlOf(webObjects("{{ .Release.Name }}")));
    await helm("install", "shop", chart.path, "-n", namespace);
    const labels = ["name=shop", `namespace=${namespace}`].map(
      (label) => `helm.toolkit.fluxcd.io/${label}`,
    );
    const objects = [
      "-n",
      namespace,
      "configmap/shop",
      "secret/shop",
      "service/shop",
      "deploy/shop",
    ];
    await kubectl("label", ...objects, ...labels, "--field-manager=helm-controller");
    const asHelm = await spawnTenon(adoptArgs("shop", namespace, "--from", "helm", "--yes"), env());
    expect(asHelm.stderr).toContain("KUBE_OWNED_BY_OTHER");
    const flags = ["--from", "flux", "--manager", "helm", "--yes"];
    const report = await adopt("shop", namespace, ...flags);
    expect(report.from).toBe(`Flux HelmRelease shop in ${namespace}`);
    expect(actionsOf(report)).toEqual(same);
    expect(await helm("list", "-q", "-n", namespace)).toBe("");
    const [deployment] = await kubectlGet("deployment", "shop", "-n", namespace);
    expect(JSON.stringify(deployment?.metadata)).not.toMatch(/helm/);
  });

  it("takes no field of a third manager in silence", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-conflict"));
    await makeTimoniInstance("shop", namespace);
    const scale = ["scale", "deployment/shop", "--replicas=2", "-n", namespace];
    await kubectl(...scale);
    const args = adoptArgs("shop", namespace, "--from", "timoni");
    const planned = await spawnTenon([...args, "--dry-run", "-o", "json"], env());
    expect(planned.code).toBe(1);
    const conflicts = (JSON.parse(planned.stdout) as Report).objects.flatMap((o) => o.conflicts);
    expect(conflicts).toMatchObject([{ field: ".spec.replicas", manager: "kubectl" }]);
    const before = await kubectlGet(kinds, "-n", namespace);
    const refused = await spawnTenon([...args, "--yes"], env());
    expect(refused.stderr).toContain("KUBE_CONFLICT");
    expect(await kubectlGet(kinds, "-n", namespace)).toEqual(before);
    await tenon([...args, "--yes", "--force-conflicts"], env());
    expect((await live(namespace, "deployment", "shop"))["spec"]).toMatchObject({ replicas: 1 });
  });

  it("says when pods will be replaced", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-restart"));
    await makeTimoniInstance("shop", namespace, { image: "nginx:0" });
    const { objects } = await adopt("shop", namespace, "--from", "timoni", "--dry-run");
    const deployment = objects.find(({ ref }) => ref.kind === "Deployment");
    expect(deployment).toMatchObject({
      action: "changed",
      restarts: true,
      fields: [
        {
          path: "spec.template.spec.containers[web].image",
          before: "nginx:0",
          after: "nginx:1",
        },
      ],
    });
  });

  it("refuses what belongs to somebody else, and what is not there", async () => {
    const namespace = await makeNamespace(newNamespace("adopt-other"));
    await makeTimoniInstance("shop", namespace);
    const cases = [
      ["kubectl", "KUBE_OWNED_BY_OTHER"],
      ["helm", "KUBE_NOTHING_TO_ADOPT"],
      ["flux", "KUBE_NOTHING_TO_ADOPT"],
    ] as const;
    await kubectl("label", "configmap/shop", "edited=yes", "-n", namespace);
    for (const [from, code] of cases) {
      const args = adoptArgs("shop", namespace, "--from", from, "--yes");
      expect((await spawnTenon(args, env())).stderr, from).toContain(code);
    }
  });

  it("is completed by the next run after a SIGKILL at any response", async () => {
    await using proxy: ApiProxy = await startApiProxy(sharedCluster());
    const ended = { env: { KUBECONFIG: proxy.kubeconfig } };
    let killed = 0;
    for (let response = 2; ; response += 3) {
      const namespace = await makeNamespace(newNamespace("adopt-kill"));
      await makeTimoniInstance("shop", namespace);
      const before = (await kubectlGet(kinds, "-n", namespace, "-l", "app=shop")).map(contentOf);
      const args = adoptArgs("shop", namespace, "--from", "timoni", "--yes", "--no-wait");
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
      await tenon(args, ended);
      const owned = ["-n", namespace, "-l", "tenon.dev/instance=shop"];
      const objects = await kubectlGet(kinds, ...owned);
      expect(objects.map(managersOf), `killed at ${response}`).toEqual(
        Array.from({ length: 4 }, () => ["tenon Apply"]),
      );
      expect(objects.map(contentOf), `killed at ${response}`).toEqual(before);
      const secrets = await kubectlGet("secrets", "-n", namespace);
      expect(secrets.map(({ metadata }) => metadata.name)).toEqual(["shop", "tenon.shop"]);
    }
    expect(killed).toBeGreaterThan(5);
  });
});

/** What must stay as it is when an object changes hands. */
function contentOf({ kind, metadata, spec, data }: KubectlObject): unknown {
  const { name, uid, generation } = metadata as typeof metadata & Record<string, unknown>;
  return { kind, name, uid, generation, spec, data };
}

/** What Flux calls a Kustomization, as far as we read it. */
const kustomizations = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "kustomizations.kustomize.toolkit.fluxcd.io" },
  spec: {
    group: "kustomize.toolkit.fluxcd.io",
    names: { kind: "Kustomization", plural: "kustomizations", singular: "kustomization" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
};
