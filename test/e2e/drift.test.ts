import { beforeAll, describe, expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { kubectl, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

interface Field {
  readonly path: string;
  readonly applied?: unknown;
  readonly live?: unknown;
  readonly by?: { readonly manager: string; readonly subresource?: string; readonly time?: string };
}

interface Found {
  readonly instances: {
    readonly name: string;
    readonly objects: {
      readonly kind: string;
      readonly drift: string;
      readonly fields: readonly Field[];
    }[];
  }[];
}

describe.skipIf(tools.missing)(`tenon drift${tools.reason}`, () => {
  const module = repoPath("bench/fixtures/app");
  let env: Record<string, string>;
  beforeAll(() => {
    env = { KUBECONFIG: sharedCluster().kubeconfig };
  });

  const apply = (ns: string, ...more: string[]) =>
    tenon(["apply", "web", module, "-n", ns, ...more], { env });
  const drift = async (ns: string, ...more: string[]): Promise<{ code: number; found: Found }> => {
    const args = ["drift", "web", "-n", ns, "-o", "json", ...more];
    const { code, stdout } = await spawnTenon(args, { env });
    return { code, found: JSON.parse(stdout) as Found };
  };
  const patch = (ns: string, what: string, type: "json" | "merge", body: unknown) =>
    kubectl("patch", what, "-n", ns, `--type=${type}`, "-p", JSON.stringify(body));

  it("finds nothing where nobody has touched anything", async () => {
    const ns = newNamespace("calm");
    await apply(ns);
    const { code, found } = await drift(ns);
    expect(code).toBe(0);
    expect(found.instances[0]?.objects).toEqual([]);
  });

  it("tells fields, values, who and when; and the next apply repairs it all", async () => {
    const ns = newNamespace("drift");
    await apply(ns);
    await kubectl("scale", "deployment/web", "-n", ns, "--replicas=3");
    await kubectl("set", "image", "deployment/web", "app=nginx:1", "-n", ns);
    await patch(ns, "configmap/web", "merge", { data: { message: "changed" } });
    await patch(ns, "secret/web", "merge", { data: { token: "aGFuZG1hZGU=" } });
    await patch(ns, "role/web", "json", [{ op: "replace", path: "/rules/0/verbs", value: ["*"] }]);
    await kubectl("delete", "service/web", "-n", ns);
    const { code, found } = await drift(ns);
    expect(code).toBe(3);
    const byKind = new Map(found.instances[0]?.objects.map((object) => [object.kind, object]));
    expect([...byKind].map(([kind, { drift: what }]) => `${kind} ${what}`).toSorted()).toEqual([
      "ConfigMap changed",
      "Deployment changed",
      "Role changed",
      "Secret changed",
      "Service missing",
    ]);
    const time = expect.stringMatching(/^\d{4}-/);
    expect(byKind.get("Deployment")?.fields).toEqual([
      expect.objectContaining({
        path: "spec.replicas",
        applied: 1,
        live: 3,
        by: expect.objectContaining({ manager: "kubectl", subresource: "scale" }),
      }),
      {
        path: "spec.template.spec.containers[app].image",
        applied: "registry.k8s.io/pause:3.10",
        live: "nginx:1",
        by: { manager: "kubectl-set", operation: "Update", time },
      },
    ]);
    expect(byKind.get("ConfigMap")?.fields[0]).toMatchObject({
      path: "data.message",
      applied: "one",
    });
    expect(byKind.get("Secret")?.fields).toEqual([
      {
        path: "data.token",
        applied: "*** (applied)",
        live: "*** (live)",
        by: { manager: "kubectl-patch", operation: "Update", time },
      },
    ]);
    expect(JSON.stringify(found)).not.toContain("aGFuZG1hZGU");

    const text = await apply(ns);
    expect(text).toContain(
      `Deployment/${ns}/web configured (takes back what kubectl, kubectl-set changed)`,
    );
    expect(text).toContain(`Service/${ns}/web created`);
    expect((await drift(ns)).code).toBe(0);
    expect(await apply(ns)).toContain("7 unchanged");
  });

  it("tells unknown where the server keeps no trace", async () => {
    const ns = newNamespace("trace");
    await apply(ns);
    const path = "/spec/template/spec/containers/0/ports";
    await patch(ns, "deployment/web", "json", [{ op: "remove", path }]);
    const { found } = await drift(ns);
    const [field] = found.instances[0]!.objects[0]!.fields;
    expect(field?.path).toMatch(/^spec\.template\.spec\.containers\[app\]\.ports/);
    expect(field?.by).toBeUndefined();
    expect(field).not.toHaveProperty("live");
  });

  it("leaves out what rules and managers say", async () => {
    const ns = newNamespace("ignore");
    await apply(ns);
    await kubectl("scale", "deployment/web", "-n", ns, "--replicas=2");
    await patch(ns, "configmap/web", "merge", { data: { message: "changed" } });
    const rule = ["--ignore", "Deployment/*:spec.replicas"];
    const one = await drift(ns, ...rule);
    expect(one.found.instances[0]?.objects.map(({ kind }) => kind)).toEqual(["ConfigMap"]);
    const none = await drift(ns, ...rule, "--ignore-manager", "kubectl-patch");
    expect(none.code).toBe(0);
    const wrong = await spawnTenon(["drift", "web", "-n", ns, "--ignore", "a b"], { env });
    expect(wrong.stderr).toContain("[KUBE_INVALID]");
  });

  it("compares all instances of a namespace, also beside a record that cannot be read", async () => {
    const ns = newNamespace("many");
    await apply(ns);
    await tenon(["apply", "other", module, "-n", ns], { env });
    await patch(ns, "configmap/other", "merge", { data: { message: "changed" } });
    await tenon(["apply", "broken", module, "-n", ns], { env });
    await patch(ns, "secret/tenon.broken", "merge", { data: { record: "AAAA" } });
    const { code, stdout, stderr } = await spawnTenon(["drift", "-n", ns], { env });
    expect(code).toBe(3);
    expect(stdout).toContain(`instance web in ${ns}: no drift in 7 objects`);
    expect(stdout).toContain(`instance other in ${ns}: 1 of 7 objects differ`);
    expect(stderr).toContain(`instance broken in ${ns}`);
  });
});
