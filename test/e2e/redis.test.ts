import { afterAll, beforeAll, describe, expect, it } from "vitest";

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

describe.skipIf(tools.missing)(`tenon apply modules/redis${tools.reason}`, () => {
  const namespace = newNamespace("redis");
  const module = repoPath("modules/redis");
  let dir: TempDir;
  let env: Record<string, string>;

  beforeAll(async () => {
    dir = await tempDir();
    env = { KUBECONFIG: sharedCluster().kubeconfig };
  });
  afterAll(async () => {
    await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
    await dir?.[Symbol.asyncDispose]();
  });

  /** Applies values and returns what became of each object. */
  async function apply(values: string): Promise<Record<string, string>> {
    const file = await dir.write({ "values.yaml": `values:\n${values}` });
    const args = ["apply", "cache", module, "-n", namespace, "-f", file, "-o", "json"];
    const { changes } = JSON.parse(await tenon(args, { env })) as {
      changes: { kind: string; name: string; action: string }[];
    };
    return Object.fromEntries(
      changes.map(({ kind, name, action }) => [
        `${kind}/${name.replace(/-[0-9a-f]{8}$/, "-*")}`,
        action,
      ]),
    );
  }

  // Times in a cluster are in seconds: pods that take longer show what waits for them.
  const first = `  auth: { password: first }
  pdb: { enabled: true }
  pod: { annotations: { cluster.tenon.dev/simulate: "slow:1500ms" } }
  test: { enabled: true }
`;

  it("starts the replicas when the primary is ready, and the test when all are", async () => {
    const actions = await apply(first);
    expect(actions).toEqual({
      "ServiceAccount/cache": "created",
      "Secret/cache-auth-*": "created",
      "ConfigMap/cache-primary-*": "created",
      "Service/cache": "created",
      "PersistentVolumeClaim/cache-primary": "created",
      "StatefulSet/cache-primary": "created",
      "ConfigMap/cache-replica-*": "created",
      "Service/cache-replica": "created",
      "Deployment/cache-replica": "created",
      "PodDisruptionBudget/cache-replica": "created",
      "Job/cache-test": "created",
    });
    const [primary] = await kubectlGet("statefulset", "cache-primary", "-n", namespace);
    expect(primary).toMatchObject({ status: { readyReplicas: 1 } });
    const ready = await lastReady("app.kubernetes.io/component=primary");
    const [replicas] = await kubectlGet("deployment", "cache-replica", "-n", namespace);
    expect(createdAt(replicas)).toBeGreaterThanOrEqual(ready);
    const served = await lastReady("app.kubernetes.io/component=replica");
    const [job] = await kubectlGet("job", "cache-test", "-n", namespace);
    expect(createdAt(job)).toBeGreaterThanOrEqual(served);
    expect(job).toMatchObject({ status: { succeeded: 1 } });
  });

  it("changes nothing the second time", async () => {
    const actions = await apply(first);
    expect(new Set(Object.values(actions))).toEqual(new Set(["unchanged"]));
  });

  it("scales the replicas without touching the primary", async () => {
    const actions = await apply(`  replicas: 2\n${first}`);
    expect(changed(actions)).toEqual(["Deployment/cache-replica"]);
    const [replicas] = await kubectlGet("deployment", "cache-replica", "-n", namespace);
    expect(replicas).toMatchObject({ status: { readyReplicas: 2 } });
  });

  it("rolls out another password and another setting", async () => {
    const values = `  replicas: 2\n  settings: { maxclients: 100 }\n${first.replace("first", "second")}`;
    expect(changed(await apply(values))).toEqual([
      "ConfigMap/cache-primary-*",
      "ConfigMap/cache-replica-*",
      "Deployment/cache-replica",
      "Job/cache-test",
      "Secret/cache-auth-*",
      "StatefulSet/cache-primary",
    ]);
    expect(await kubectlGet("secrets", "-n", namespace, "-l", owner)).toHaveLength(1);
    expect(await kubectlGet("configmaps", "-n", namespace, "-l", owner)).toHaveLength(2);
  });

  it("takes the replicas away", async () => {
    const actions = await apply("  replicas: 0\n  auth: { password: second }\n");
    expect(actions).toMatchObject({
      "Deployment/cache-replica": "deleted",
      "Service/cache-replica": "deleted",
      "PodDisruptionBudget/cache-replica": "deleted",
      "Job/cache-test": "deleted",
    });
  });

  it("leaves the volume, and nothing else, when it is deleted", async () => {
    await tenon(["delete", "cache", "-n", namespace], { env });
    const kinds = "configmaps,deployments,jobs,pdb,secrets,services,serviceaccounts,statefulsets";
    expect(await kubectlGet(kinds, "-n", namespace, "-l", owner)).toEqual([]);
    const [claim] = await kubectlGet("pvc", "-n", namespace);
    expect(claim).toMatchObject({
      metadata: { name: "cache-primary" },
      status: { phase: "Bound" },
    });
  });

  const owner = `tenon.dev/instance=cache,tenon.dev/instance-namespace=${namespace}`;

  /** When the last of the pods became ready. */
  async function lastReady(selector: string): Promise<number> {
    const pods = await kubectlGet("pods", "-n", namespace, "-l", selector);
    const times = pods.map((pod) => {
      const { conditions } = pod["status"] as {
        conditions: { type: string; lastTransitionTime: string }[];
      };
      return Date.parse(conditions.find(({ type }) => type === "Ready")!.lastTransitionTime);
    });
    return Math.max(...times);
  }
});

function changed(actions: Readonly<Record<string, string>>): string[] {
  return Object.keys(actions)
    .filter((id) => actions[id] !== "unchanged")
    .toSorted();
}

function createdAt(object: KubectlObject | undefined): number {
  const { creationTimestamp } = object!.metadata as unknown as { creationTimestamp: string };
  return Date.parse(creationTimestamp);
}
