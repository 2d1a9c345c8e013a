import type { KubeObject, ResourceSet } from "@tenon/core";
import {
  type Cause,
  type KubeClient,
  type KubeError,
  type NotReady,
  applyInstance,
} from "@tenon/kube";
import { expect, it } from "vitest";

import {
  deployment,
  describeOnCluster,
  desired,
  failure,
  object,
  set,
  unique,
  useCluster,
} from "./cluster.ts";

describeOnCluster("why objects are not ready", () => {
  let client: KubeClient;
  useCluster((started) => ({ client } = started));

  async function fail(sets: readonly ResourceSet[], timeoutMs = 4000): Promise<KubeError> {
    const app = desired("app", unique("evidence"), sets);
    return failure(applyInstance(client, app, { timeoutMs }));
  }

  function causesOf(error: KubeError): Cause[] {
    expect(error.code).toBe("KUBE_NOT_READY");
    return (error.details["objects"] as NotReady[]).map(({ cause }) => cause!);
  }

  const annotated = (name: string, simulate: string, log?: string) =>
    deployment(name, "nginx:1", {
      annotations: {
        "cluster.tenon.dev/simulate": simulate,
        ...(log !== undefined && { "cluster.tenon.dev/log": log }),
      },
    });

  it("goes from a Deployment to the last lines of its container", async () => {
    const log = Array.from({ length: 40 }, (_, index) => `line ${index}`).join("\n");
    const error = await fail([set("main", annotated("web", "crash-loop", log))]);
    const [web] = causesOf(error);
    expect(web?.ref.kind).toBe("Deployment");
    const [replicaSet] = web!.children;
    expect(replicaSet?.ref.kind).toBe("ReplicaSet");
    const [pod] = replicaSet!.children;
    expect(pod).toMatchObject({
      ref: { kind: "Pod" },
      containers: [{ name: "web", state: "waiting", reason: "CrashLoopBackOff", exitCode: 1 }],
    });
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 20}`);
    expect(pod!.containers![0]!.log).toEqual(lines);
    expect(pod!.containers![0]!.restarts).toBeGreaterThan(0);
    expect(pod!.events.map(({ type, reason }) => [type, reason])).toContainEqual([
      "Warning",
      "BackOff",
    ]);
    expect(error.message).toMatch(
      /Deployment\/.*\/web InProgress: Available: 0\/1 \(Pod\/web-.*: container web CrashLoopBackOff, exit code 1, restarted/,
    );
    expect(error.message).not.toContain("line 39");
    const shown = error.diagnostics[0]!.notes!.join("\n");
    expect(shown).toMatch(/└ ReplicaSet\/web-.*\n +└ Pod\/web-.*container web CrashLoopBackOff/);
    expect(shown).toContain("line 39");
    expect(shown).not.toContain("line 20");
  });

  it("tells of an image that cannot be pulled, and no log of what never ran", async () => {
    const [web] = causesOf(await fail([set("main", annotated("web", "image-pull-error"))]));
    const pod = web!.children[0]!.children[0]!;
    expect(pod.containers![0]).toMatchObject({ state: "waiting", restarts: 0 });
    expect(pod.containers![0]!.reason).toMatch(/^ErrImagePull$|^ImagePullBackOff$/);
    expect(pod.containers![0]!.log).toBeUndefined();
    expect(pod.unread).toBeUndefined();
    expect(web!.unread).toBeUndefined();
  });

  it("tells of pods that find no place, once for all that fare alike", async () => {
    const view = JSON.parse(annotated("web", "unschedulable").json) as { spec: object };
    const many = object({ ...view, spec: { ...view.spec, replicas: 8 } });
    const error = await fail([set("main", many)]);
    const replicaSet = causesOf(error)[0]!.children[0]!;
    expect(replicaSet.children).toHaveLength(5);
    expect(replicaSet.more).toBe(3);
    for (const pod of replicaSet.children) {
      expect(pod.events.map(({ reason }) => reason)).toContain("FailedScheduling");
    }
    const notes = error.diagnostics[0]!.notes!;
    expect(notes.filter((line) => line.includes("Pod/"))).toHaveLength(1);
    expect(notes.join("\n")).toContain("and 7 more that are not ready");
  });

  it("tells of the pod of a Job that failed", async () => {
    const annotations = {
      "cluster.tenon.dev/simulate": "fail",
      "cluster.tenon.dev/log": "FATAL no database",
    };
    const job = object({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "migrate" },
      spec: {
        backoffLimit: 0,
        template: {
          metadata: { annotations },
          spec: { restartPolicy: "Never", containers: [{ name: "run", image: "busybox" }] },
        },
      },
    });
    const [cause] = causesOf(await fail([set("main", job)], 60_000));
    expect(cause!.status.status).toBe("Failed");
    expect(cause!.children[0]).toMatchObject({
      ref: { kind: "Pod" },
      status: { status: "Failed" },
      containers: [{ name: "run", state: "terminated", exitCode: 1, log: ["FATAL no database"] }],
    });
  });

  it("tells of a claim without a volume, also below the pods that need it", async () => {
    const claim = object({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "missing",
        resources: { requests: { storage: "1Gi" } },
      },
    });
    const view = JSON.parse(deployment("web").json) as Workload;
    view.spec.template.spec.volumes = [
      { name: "data", persistentVolumeClaim: { claimName: "data" } },
    ];
    const [first, second] = causesOf(await fail([set("main", claim, object(view))]));
    expect(new Set([first?.ref.kind, second?.ref.kind])).toEqual(
      new Set(["Deployment", "PersistentVolumeClaim"]),
    );
    const ofClaim = first?.ref.kind === "PersistentVolumeClaim" ? first : second;
    expect(ofClaim!.events.map(({ message }) => message).join()).toContain("missing");
    const ofWeb = first === ofClaim ? second : first;
    const pod = ofWeb!.children[0]!.children[0]!;
    expect(pod.children[0]?.ref).toMatchObject({ kind: "PersistentVolumeClaim", name: "data" });
  });

  it("tells of a quota that allows no pod", async () => {
    const quota = object({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "none" },
      spec: { hard: { pods: "0" } },
    });
    const error = await fail([set("first", quota), set("main", deployment("web"))]);
    const replicaSet = causesOf(error)[0]!.children[0]!;
    const said = replicaSet.events.map(({ reason, message }) => `${reason} ${message}`).join();
    expect(said).toMatch(/FailedCreate .*exceeded quota: none/);
    expect(error.message).toMatch(/exceeded quota: none/);
  });

  it("hides what is in Secrets wherever it is said", async () => {
    const secret: KubeObject = object({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "web" },
      stringData: {
        password: "correct-horse",
        key: "-----BEGIN KEY-----\nYmF0dGVyeS1zdGFwbGU\n-----END KEY-----\n",
        url: "postgres://app:tr0ub4dor@db/app",
      },
    });
    const encoded = Buffer.from("correct-horse").toString("base64");
    const log = `login with correct-horse\nkey YmF0dGVyeS1zdGFwbGU\n${encoded}\nas tr0ub4dor`;
    const error = await fail([set("main", secret, annotated("web", "crash-loop", log))]);
    const all = JSON.stringify([error.message, error.details, error.diagnostics, error.hint]);
    expect(all).toContain("login with ***");
    for (const word of ["correct-horse", "YmF0dGVyeS1zdGFwbGU", encoded, "tr0ub4dor"]) {
      expect(all).not.toContain(word);
    }
  });
});

interface Workload {
  readonly spec: { readonly template: { readonly spec: { volumes?: unknown } } };
}
