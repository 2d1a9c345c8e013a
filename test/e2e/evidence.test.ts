import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { fixture } from "../support/repo.ts";
import type { ProcessResult } from "../support/run-process.ts";
import { kubectl, kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

interface Values {
  readonly kind?: string;
  readonly simulate?: string;
  readonly log?: string;
  readonly password?: string;
  readonly claim?: boolean;
  readonly pods?: number;
}

describe.skipIf(tools.missing)(`tenon apply of what does not get ready${tools.reason}`, () => {
  let namespace: string;
  let dir: TempDir;

  beforeEach(async () => {
    namespace = newNamespace("evidence");
    dir = await tempDir();
  });
  afterEach(() => dir?.[Symbol.asyncDispose]());

  async function apply(
    values: Values,
    { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
  ): Promise<ProcessResult> {
    const file = await dir.write({ "values.json": JSON.stringify({ values }) });
    const line = ["apply", "web", fixture("unready"), "-n", namespace, "-f", file];
    const result = await spawnTenon([...line, "--timeout", "5s", ...args], {
      env: { KUBECONFIG: sharedCluster().kubeconfig, TENON_STATE_DIR: dir.file("state"), ...env },
    });
    expect(result.code).toBe(1);
    return result;
  }

  /** The report without what is new each time. */
  function shown({ stderr }: ProcessResult): string {
    const from = stderr.slice(stderr.indexOf("\nerror: ") + 1);
    return from
      .replaceAll(namespace, "NS")
      .replaceAll(dir.path, "DIR")
      .replaceAll(/web-[0-9a-f]{6,10}-[a-z0-9]{5}/g, "web-HASH-POD")
      .replaceAll(/web-[0-9a-f]{6,10}\b/g, "web-HASH")
      .replaceAll(/web-[a-z0-9]{5}\b/g, "web-POD")
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UID")
      .replaceAll(/ \(\d+ times\)/g, "")
      .replaceAll(/restarted (once|\d+ times)/g, "restarted N times")
      .replaceAll("Failed: Pod could not be", "InProgress: Pod has not been")
      .replaceAll(/\d{8}T\d{6}\.\d{3}Z-NS-web-[0-9a-f]{4}/g, "TIME-NS-web");
  }

  async function evidenceFiles(): Promise<string[]> {
    const folder = dir.file("state", "evidence");
    const names = await readdir(folder).catch(() => []);
    return names.map((name) => path.join(folder, name));
  }

  it("shows the chain down to the log of a container that crashes, and keeps it in a file", async () => {
    const log = "starting\nERROR no database\n";
    const result = await apply({ simulate: "crash-loop", log });
    expect(shown(result)).toMatchInlineSnapshot(`
      "error: Cannot become ready within 5s: Deployment/NS/web InProgress: Available: 0/1 (Pod/web-HASH-POD: container main CrashLoopBackOff, exit code 1, restarted N times) [KUBE_NOT_READY]
      Deployment/NS/web InProgress: Available: 0/1
        └ ReplicaSet/web-HASH InProgress: Available: 0/1
          └ Pod/web-HASH-POD: container main CrashLoopBackOff, exit code 1, restarted N times
            BackOff: Back-off restarting failed container main in pod web-HASH-POD_NS(UID)
            log of main:
              starting
              ERROR no database
      done: Namespace/NS created
      done: Secret/NS/web created
      done: Deployment/NS/web created
      hint: kubectl describe deployment web -n NS; the evidence is in DIR/state/evidence/TIME-NS-web.json
      "
    `);
    const [file, ...others] = await evidenceFiles();
    expect(others).toEqual([]);
    expect(result.stderr).toContain(file!);
    expect((await stat(file!)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file!, "utf8"))).toMatchObject({
      version: 1,
      instance: "web",
      namespace,
      module: { name: "example.com/slow" },
      cluster: { server: sharedCluster().server },
      error: { code: "KUBE_NOT_READY" },
      changes: [
        { kind: "Secret", name: "web", action: "created" },
        { kind: "Deployment", name: "web", action: "created" },
      ],
      objects: [
        {
          ref: { kind: "Deployment" },
          observed: { replicas: 1 },
          cause: {
            children: [
              {
                ref: { kind: "ReplicaSet" },
                children: [{ containers: [{ log: ["starting", "ERROR no database"] }] }],
              },
            ],
          },
        },
      ],
    });
  });

  it("shows an image that cannot be pulled", async () => {
    expect(shown(await apply({ simulate: "image-pull-error" }))).toMatchInlineSnapshot(`
      "error: Cannot become ready within 5s: Deployment/NS/web InProgress: Available: 0/1 (Pod/web-HASH-POD: container main ImagePullBackOff: Back-off pulling image "docker.io/library/busybox:1.37.0": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/busybox:1.37.0": not found) [KUBE_NOT_READY]
      Deployment/NS/web InProgress: Available: 0/1
        └ ReplicaSet/web-HASH InProgress: Available: 0/1
          └ Pod/web-HASH-POD: container main ImagePullBackOff: Back-off pulling image "docker.io/library/busybox:1.37.0": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/busybox:1.37.0": not found
            Failed: Failed to pull image "docker.io/library/busybox:1.37.0": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/busybox:1.37.0": not found
            Failed: Error: ErrImagePull
            Failed: Error: ImagePullBackOff
      done: Namespace/NS created
      done: Secret/NS/web created
      done: Deployment/NS/web created
      hint: kubectl describe deployment web -n NS; the evidence is in DIR/state/evidence/TIME-NS-web.json
      "
    `);
  });

  it("shows a pod that no node takes", async () => {
    expect(shown(await apply({ simulate: "unschedulable" }))).toMatchInlineSnapshot(`
      "error: Cannot become ready within 5s: Deployment/NS/web InProgress: Available: 0/1 (Pod/web-HASH-POD: FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.) [KUBE_NOT_READY]
      Deployment/NS/web InProgress: Available: 0/1
        └ ReplicaSet/web-HASH InProgress: Available: 0/1
          └ Pod/web-HASH-POD InProgress: Pod has not been scheduled
            FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.
      done: Namespace/NS created
      done: Secret/NS/web created
      done: Deployment/NS/web created
      hint: kubectl describe deployment web -n NS; the evidence is in DIR/state/evidence/TIME-NS-web.json
      "
    `);
  });

  it("shows why a Job failed, at once", async () => {
    const values = { kind: "Job", simulate: "fail", log: "FATAL no schema" };
    expect(shown(await apply(values, { args: ["--timeout", "5m"] }))).toMatchInlineSnapshot(`
      "error: Cannot become ready: Job/NS/web Failed: Job Failed. failed: 1/1 error: Job has reached the specified backoff limit (Pod/web-POD: container main Error, exit code 1) [KUBE_NOT_READY]
      Job/NS/web Failed: Job Failed. failed: 1/1 error: Job has reached the specified backoff limit
        BackoffLimitExceeded: Job has reached the specified backoff limit
        └ Pod/web-POD: container main Error, exit code 1
          log of main:
            FATAL no schema
      done: Namespace/NS created
      done: Secret/NS/web created
      done: Job/NS/web created
      hint: kubectl describe job web -n NS; the evidence is in DIR/state/evidence/TIME-NS-web.json
      "
    `);
  });

  it("shows a claim that stays without a volume", async () => {
    expect(shown(await apply({ claim: true }))).toMatchInlineSnapshot(`
      "error: Cannot become ready within 5s: Deployment/NS/web InProgress: Available: 0/1 (PersistentVolumeClaim/web: ProvisioningFailed: storageclass.storage.k8s.io "missing" not found); PersistentVolumeClaim/NS/web InProgress: PVC is not Bound. phase: Pending (ProvisioningFailed: storageclass.storage.k8s.io "missing" not found) [KUBE_NOT_READY]
      Deployment/NS/web InProgress: Available: 0/1
        └ ReplicaSet/web-HASH InProgress: Available: 0/1
          └ Pod/web-HASH-POD InProgress: Pod has not been scheduled
            FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.
            └ PersistentVolumeClaim/web InProgress: PVC is not Bound. phase: Pending
              ProvisioningFailed: storageclass.storage.k8s.io "missing" not found
      PersistentVolumeClaim/NS/web InProgress: PVC is not Bound. phase: Pending
        ProvisioningFailed: storageclass.storage.k8s.io "missing" not found
      done: Namespace/NS created
      done: Secret/NS/web created
      done: Deployment/NS/web created
      done: PersistentVolumeClaim/NS/web created
      hint: kubectl describe deployment web -n NS; the evidence is in DIR/state/evidence/TIME-NS-web.json
      "
    `);
  });

  it("shows a quota that allows no pod", async () => {
    expect(shown(await apply({ pods: 0 }))).toMatchInlineSnapshot(`
      "error: Cannot become ready within 5s: Deployment/NS/web InProgress: Replicas: 0/1 (ReplicaSet/web-HASH: FailedCreate: Error creating: pods "web-HASH-POD" is forbidden: exceeded quota: web, requested: pods=1, used: pods=0, limited: pods=0) [KUBE_NOT_READY]
      Deployment/NS/web InProgress: Replicas: 0/1
        └ ReplicaSet/web-HASH InProgress: Replica Failure condition. Check Pods
          FailedCreate: Error creating: pods "web-HASH-POD" is forbidden: exceeded quota: web, requested: pods=1, used: pods=0, limited: pods=0
      done: Namespace/NS created
      done: ResourceQuota/NS/web created
      done: Secret/NS/web created
      done: Deployment/NS/web created
      hint: kubectl describe deployment web -n NS; the evidence is in DIR/state/evidence/TIME-NS-web.json
      "
    `);
  });

  it("tells programs the same", async () => {
    const { stderr } = await apply({ simulate: "crash-loop" }, { args: ["-o", "json"] });
    const { error } = JSON.parse(stderr) as { error: { details: Record<string, unknown> } };
    expect(error).toMatchObject({ code: "KUBE_NOT_READY", details: { why: "timeout" } });
    expect(await evidenceFiles()).toEqual([error.details["evidence"]]);
    expect(error.details["objects"]).toMatchObject([
      { cause: { children: [{ children: [{ containers: [{ reason: "CrashLoopBackOff" }] }] }] } },
    ]);
  });

  it("keeps no secret: not on the screen, in the file, or in the record", async () => {
    const password = "tr0ub4dor-and-3";
    const log = `login as app with ${password}\ntoken ${password}-token\n${base64(password)}`;
    const values = { simulate: "crash-loop", password, log };
    const text = await apply(values);
    const json = await apply(values, { args: ["-o", "json"] });
    const written = await Promise.all(
      (await evidenceFiles()).map((file) => readFile(file, "utf8")),
    );
    expect(written).toHaveLength(2);
    expect(written[0]).toContain("login as app with ***");
    const only = ["--field-selector", "type=tenon.dev/instance"];
    const [record] = await kubectlGet("secrets", "-n", namespace, ...only);
    const { record: encoded } = record!["data"] as { record: string };
    const { pending } = JSON.parse(Buffer.from(encoded, "base64").toString()) as {
      pending: { error: { code: string; message: string } };
    };
    expect(pending.error.code).toBe("KUBE_NOT_READY");
    const kept = pending.error.message;
    const all = [text.stderr, text.stdout, json.stderr, json.stdout, ...written, kept].join("\n");
    expect(all).not.toContain(password);
    expect(all).not.toContain(base64(password));
  });

  it("says what the user may not look at", async () => {
    await kubectl("create", "namespace", namespace);
    const rules = [
      "--resource=secrets,configmaps,deployments.apps",
      "--verb=get,list,watch,create,update,patch,delete",
    ];
    await kubectl("create", "role", "deployer", "-n", namespace, ...rules);
    const binding = ["--role=deployer", "--user=deployer"];
    await kubectl("create", "rolebinding", "deployer", "-n", namespace, ...binding);
    const values = { simulate: "crash-loop" };
    const result = await apply(values, { args: ["--kube-as", "deployer"] });
    expect(shown(result)).toMatchInlineSnapshot(`
      "error: Cannot become ready within 5s: Deployment/NS/web InProgress: Available: 0/1 [KUBE_NOT_READY]
      Deployment/NS/web InProgress: Available: 0/1
        Cannot list events in NS: events is forbidden: User "deployer" cannot list resource "events" in API group "" in the namespace "NS"
        Cannot list pods in NS: pods is forbidden: User "deployer" cannot list resource "pods" in API group "" in the namespace "NS"
        Cannot list replicasets in NS: replicasets.apps is forbidden: User "deployer" cannot list resource "replicasets" in API group "apps" in the namespace "NS"
      done: Secret/NS/web created
      done: Deployment/NS/web created
      hint: kubectl describe deployment web -n NS; the evidence is in DIR/state/evidence/TIME-NS-web.json
      "
    `);
  });

  it("writes nothing where that is not wanted", async () => {
    const env = { TENON_EVIDENCE: "false" };
    const { stderr } = await apply({ kind: "Job", simulate: "fail" }, { env });
    expect(stderr).toContain("[KUBE_NOT_READY]");
    expect(stderr).not.toContain("evidence is in");
    expect(await evidenceFiles()).toEqual([]);
  });

  it("fails as it would when the file cannot be written", async () => {
    await dir.write({ state: "in the way" });
    const { stderr } = await apply({ kind: "Job", simulate: "fail" });
    expect(stderr).toContain("[KUBE_NOT_READY]");
    expect(stderr).not.toContain("evidence is in");
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
