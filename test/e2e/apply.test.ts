import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { auditOf, writesAmong } from "../support/audit-log.ts";
import { repoPath } from "../support/repo.ts";
import {
  type KubectlObject,
  kubectl,
  kubectlGet,
  newNamespace,
  sharedCluster,
} from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");
const kinds =
  "configmaps,deployments,services,serviceaccounts,ingresses,poddisruptionbudgets,networkpolicies,jobs";

interface Values {
  readonly port?: number;
  readonly test?: boolean;
}

describe.skipIf(tools.missing)(`tenon apply modules/app${tools.reason}`, () => {
  const namespace = newNamespace("apply");
  const module = repoPath("modules/app");
  let dir: TempDir;
  let proxy: ApiProxy;

  beforeAll(async () => {
    dir = await tempDir();
    proxy = await startApiProxy(sharedCluster());
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  async function run(command: "apply" | "build", { port = 80, test = false }: Values = {}) {
    const values = await dir.write({
      "values.yaml": `values:
  replicas: 2
  service: { port: ${port} }
  route: { via: ingress, hosts: [web.example.com] }
  pdb: { enabled: true }
  networkPolicy: { enabled: true }
  test: { enabled: ${test} }
`,
    });
    const args = [command, "web", module, "-n", namespace, "-f", values, "-o", "json"];
    return JSON.parse(await tenon(args, { env: { KUBECONFIG: proxy.kubeconfig } })) as unknown;
  }

  async function apply(values?: Values): Promise<Record<string, string>> {
    const report = (await run("apply", values)) as {
      changes: { kind: string; name: string; action: string }[];
    };
    const entries = report.changes.map(({ kind, name, action }) => [`${kind}/${name}`, action]);
    return Object.fromEntries(entries) as Record<string, string>;
  }

  function owned(): Promise<KubectlObject[]> {
    const owner = `tenon.dev/instance=web,tenon.dev/instance-namespace=${namespace}`;
    return kubectlGet(kinds, "-n", namespace, "-l", owner);
  }

  async function resourceVersions(): Promise<Map<string, string>> {
    const objects = await owned();
    return new Map(
      objects.map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
    );
  }

  it("creates every object of the module and waits until they are ready", async () => {
    const actions = await apply();
    expect(new Set(Object.values(actions))).toEqual(new Set(["created"]));
    const found = (await owned()).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(found.toSorted()).toEqual(Object.keys(actions).toSorted());
    const rollout = ["rollout", "status", "deployment/web", "-n", namespace, "--watch=false"];
    expect(await kubectl(...rollout)).toContain("successfully rolled out");
  });

  it("owns them as the field manager tenon", async () => {
    for (const { kind, metadata } of await owned()) {
      const managers = (metadata.managedFields ?? [])
        .filter(({ operation }) => operation === "Apply")
        .map(({ manager }) => manager);
      expect(managers, `${kind}/${metadata.name}`).toEqual(["tenon"]);
    }
  });

  it("leaves in the cluster what the module renders", async () => {
    const { items } = (await run("build")) as { items: KubectlObject[] };
    const live = await owned();
    for (const object of items) {
      const found = live.find(
        ({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name,
      );
      expect(found, `${object.kind}/${object.metadata.name}`).toMatchObject(object);
    }
    expect(live.length).toBe(items.length);
  });

  it("changes one object for one value, which the resource versions prove", async () => {
    const before = await resourceVersions();
    const actions = await apply({ port: 8080 });
    const configured = Object.keys(actions).filter((id) => actions[id] !== "unchanged");
    expect(configured).toEqual(["Service/web"]);
    const after = await resourceVersions();
    const moved = [...after.keys()].filter((id) => before.get(id) !== after.get(id));
    expect(moved).toEqual(["Service/web"]);
    expect([...after.keys()]).toEqual([...before.keys()]);
  });

  it("writes nothing when it is repeated, which the audit log and a proxy prove", async () => {
    const before = await resourceVersions();
    const { auditLog } = sharedCluster();
    const audited = (await auditOf(auditLog, proxy.userAgent)).length;
    proxy.reset();
    const actions = await apply({ port: 8080 });
    expect(new Set(Object.values(actions))).toEqual(new Set(["unchanged"]));
    expect(proxy.writes()).toEqual([]);
    const events = (await auditOf(auditLog, proxy.userAgent)).slice(audited);
    expect(writesAmong(events)).toEqual([]);
    expect(events.length).toBe(proxy.calls.length);
    expect(events.length).toBeGreaterThan(0);
    expect(await resourceVersions()).toEqual(before);
  });

  it("runs the test Job of the set that comes last, once for each change", async () => {
    expect(await apply({ port: 8080, test: true })).toMatchObject({
      "Deployment/web": "unchanged",
      "Job/web-test": "created",
    });
    const job = ["job/web-test", "-n", namespace];
    expect(await kubectl("get", ...job, "-o", "jsonpath={.status.succeeded}")).toBe("1");
    const uid = await kubectl("get", ...job, "-o", "jsonpath={.metadata.uid}");
    expect(await apply({ port: 8080, test: true })).toMatchObject({ "Job/web-test": "unchanged" });
    await apply({ port: 8081, test: true });
    expect(await kubectl("get", ...job, "-o", "jsonpath={.metadata.uid}")).not.toBe(uid);
  });

  it("is undone by delete, which removes every object and the record", async () => {
    await tenon(["delete", "web", "-n", namespace], { env: { KUBECONFIG: proxy.kubeconfig } });
    expect(await owned()).toEqual([]);
    expect(await kubectlGet("secrets", "-n", namespace)).toEqual([]);
  });
});
