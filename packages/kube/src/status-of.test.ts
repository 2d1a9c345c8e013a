import type { KubeObjectView } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { readinessOf, statusOf } from "./status-of.ts";

const now = Date.parse("2026-01-01T00:01:00Z");

function view(apiVersion: string, kind: string, more: object = {}): KubeObjectView {
  return { apiVersion, kind, metadata: { name: "x" }, ...more };
}

type Case = [title: string, apiVersion: string, kind: string, more: object, expected: string];

const available = { type: "Available", status: "True" };
const rolledOut = { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" };
const full = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const two = { replicas: 2, progressDeadlineSeconds: 600 };

function deployment(title: string, spec: object, status: object, expected: string): Case {
  return [title, "apps/v1", "Deployment", { spec, status }, expected];
}

const why = { status: { conditions: [{ type: "Ready", status: "False", reason: "Waiting" }] } };
const byName = { status: { observedGeneration: "a", conditions: { Ready: "False" } } };

function statefulSet(title: string, spec: object, status: object, expected: string): Case {
  return [title, "apps/v1", "StatefulSet", { spec, status }, expected];
}

function replicaSet(title: string, status: object, expected: string): Case {
  return [title, "apps/v1", "ReplicaSet", { spec: { replicas: 2 }, status }, expected];
}

const daemons = {
  observedGeneration: 1,
  desiredNumberScheduled: 2,
  currentNumberScheduled: 2,
  updatedNumberScheduled: 2,
  numberAvailable: 2,
  numberReady: 2,
};

function daemonSet(title: string, status: object, expected: string, generation?: number): Case {
  const metadata = { name: "x", generation };
  return [title, "apps/v1", "DaemonSet", { metadata, status }, expected];
}

function pod(title: string, status: object, expected: string): Case {
  return [title, "v1", "Pod", { status }, expected];
}

function definition(title: string, condition: object, expected: string): Case {
  const status = { conditions: [condition] };
  return [title, "apiextensions.k8s.io/v1", "CustomResourceDefinition", { status }, expected];
}

const crashing = [{ name: "init", state: { waiting: { reason: "CrashLoopBackOff" } } }];
const scaled = { replicas: 3, readyReplicas: 3, currentReplicas: 3 };
const labelled = { replicas: 2, fullyLabeledReplicas: 2, availableReplicas: 2, readyReplicas: 2 };

const cases: Case[] = [
  ["no rule", "x.io/v1", "Thing", {}, "Current Resource is current"],
  [
    "no generation observed yet",
    "x.io/v1",
    "Thing",
    { metadata: { name: "x", generation: 2 } },
    "Current Resource is current",
  ],
  [
    "an old generation",
    "x.io/v1",
    "Thing",
    { metadata: { name: "x", generation: 2 }, status: { observedGeneration: 1 } },
    "InProgress Thing generation is 2, but latest observed generation is 1",
  ],
  [
    "deletion",
    "v1",
    "ConfigMap",
    { metadata: { name: "x", deletionTimestamp: "2026-01-01T00:00:00Z" } },
    "Terminating Resource scheduled for deletion",
  ],
  ...["True", "False", "Unknown"].map((status): Case => [
    `Ready ${status}`,
    "x.io/v1",
    "Thing",
    { status: { conditions: [{ type: "Ready", status, message: "why" }] } },
    status === "True" ? "Current Resource is Ready" : "InProgress why",
  ]),
  [
    "Reconciling",
    "x.io/v1",
    "Thing",
    { status: { conditions: [{ type: "Reconciling", status: "True", message: "busy" }] } },
    "InProgress busy",
  ],
  [
    "Stalled",
    "x.io/v1",
    "Thing",
    {
      status: {
        conditions: [
          { type: "Ready", status: "True" },
          { type: "Stalled", status: "True", message: "stuck" },
        ],
      },
    },
    "Failed stuck",
  ],
  ["a reason in place of a message", "x.io/v1", "Thing", why, "InProgress Waiting"],
  ["conditions by name", "x.io/v1", "Thing", byName, "Current Resource is current"],
  [
    "a status that is a word",
    "x.io/v1",
    "Thing",
    { status: "Ready" },
    "Current Resource is current",
  ],
  ["a status of null", "x.io/v1", "Thing", { status: null }, "Current Resource is current"],
  [
    "a condition of null",
    "x.io/v1",
    "Thing",
    { status: { conditions: [null] } },
    "Current Resource is current",
  ],
  ["any", "v1", "Secret", {}, "Current Resource is always ready"],
  ["any", "batch/v1", "CronJob", {}, "Current Resource is always ready"],
  ["any", "policy/v1", "PodDisruptionBudget", {}, "Current AllowedDisruptions has been computed."],
  ["any", "v1", "ConfigMap", {}, "Current Resource is always ready"],
  ["any", "batch/v1", "CronJob", {}, "Current Resource is always ready"],
  ["any", "policy/v1", "PodDisruptionBudget", {}, "Current AllowedDisruptions has been computed."],
  [
    "a cluster address",
    "v1",
    "Service",
    { spec: { type: "ClusterIP" } },
    "Current Service is ready",
  ],
  [
    "no address",
    "v1",
    "Service",
    { spec: { type: "LoadBalancer" } },
    "InProgress ClusterIP not set. Service type: LoadBalancer",
  ],
  ["Bound", "v1", "PersistentVolumeClaim", { status: { phase: "Bound" } }, "Current PVC is Bound"],
  ["no phase", "v1", "PersistentVolumeClaim", {}, "InProgress PVC is not Bound. phase: unknown"],
  deployment("no status", two, {}, "InProgress Replicas: 0/2"),
  deployment("default replicas", {}, {}, "InProgress Replicas: 0/1"),
  deployment("old pods", two, { replicas: 2, updatedReplicas: 1 }, "InProgress Updated: 1/2"),
  deployment("surplus", two, { ...full, replicas: 3 }, "InProgress Pending termination: 1"),
  deployment("unavailable", two, { ...full, availableReplicas: 1 }, "InProgress Available: 1/2"),
  deployment("unready", two, { ...full, readyReplicas: 1 }, "InProgress Ready: 1/2"),
  deployment("not rolled out", two, full, "InProgress ReplicaSet not Available"),
  deployment(
    "not available",
    two,
    { ...full, conditions: [rolledOut] },
    "InProgress Deployment not Available",
  ),
  deployment(
    "all well",
    two,
    { ...full, conditions: [rolledOut, available] },
    "Current Deployment is available. Replicas: 2",
  ),
  deployment(
    "no deadline",
    { replicas: 2 },
    { ...full, conditions: [available] },
    "Current Deployment is available. Replicas: 2",
  ),
  deployment(
    "deadline passed",
    two,
    {
      ...full,
      conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }],
    },
    "Failed Progress deadline exceeded",
  ),
  deployment(
    "scaled to nothing",
    { replicas: 0, progressDeadlineSeconds: 1 },
    { conditions: [rolledOut, available] },
    "Current Deployment is available. Replicas: 0",
  ),
  [
    "OnDelete",
    "apps/v1",
    "StatefulSet",
    { spec: { updateStrategy: { type: "OnDelete" } } },
    "Current StatefulSet is using the ondelete update strategy",
  ],
  ["no status", "apps/v1", "StatefulSet", { spec: { replicas: 3 } }, "InProgress Replicas: 0/3"],
  ["unready", "apps/v1", "StatefulSet", { status: { replicas: 1 } }, "InProgress Ready: 0/1"],
  [
    "a partition under way",
    "apps/v1",
    "StatefulSet",
    {
      spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } },
      status: { replicas: 3, readyReplicas: 3, updatedReplicas: 1 },
    },
    "InProgress updated: 1/2",
  ],
  [
    "a partition done",
    "apps/v1",
    "StatefulSet",
    {
      spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } },
      status: { replicas: 3, readyReplicas: 3, updatedReplicas: 2 },
    },
    "Current Partition rollout complete. updated: 2",
  ],
  [
    "old revision",
    "apps/v1",
    "StatefulSet",
    {
      status: {
        replicas: 1,
        readyReplicas: 1,
        currentReplicas: 1,
        currentRevision: "a",
        updateRevision: "b",
      },
    },
    "InProgress Waiting for updated revision to match current",
  ],
  [
    "no generation observed",
    "apps/v1",
    "DaemonSet",
    { metadata: { name: "x", generation: 1 }, status: { desiredNumberScheduled: 1 } },
    "InProgress Missing .status.observedGeneration",
  ],
  [
    "few",
    "apps/v1",
    "DaemonSet",
    {
      metadata: { name: "x", generation: 1 },
      status: {
        observedGeneration: 1,
        desiredNumberScheduled: 2,
        currentNumberScheduled: 2,
        updatedNumberScheduled: 1,
      },
    },
    "InProgress Updated: 1/2",
  ],
  [
    "no nodes",
    "apps/v1",
    "DaemonSet",
    {
      metadata: { name: "x", generation: 1 },
      status: { observedGeneration: 1, desiredNumberScheduled: 0 },
    },
    "Current All replicas scheduled as expected. Replicas: 0",
  ],
  [
    "failure",
    "apps/v1",
    "ReplicaSet",
    { status: { conditions: [{ type: "ReplicaFailure", status: "True" }] } },
    "InProgress Replica Failure condition. Check Pods",
  ],
  ["labels", "apps/v1", "ReplicaSet", { spec: { replicas: 1 } }, "InProgress Labelled: 0/1"],
  [
    "names taken",
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    { status: { conditions: [{ type: "NamesAccepted", status: "False", message: "taken" }] } },
    "Failed taken",
  ],
  [
    "established",
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    { status: { conditions: [{ type: "Established", status: "True" }] } },
    "Current CRD is established",
  ],
  [
    "new",
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    {},
    "InProgress Install in progress",
  ],
  [
    "done",
    "v1",
    "Pod",
    { status: { phase: "Succeeded" } },
    "Current Pod has completed successfully",
  ],
  [
    "ended",
    "v1",
    "Pod",
    { status: { phase: "Failed" } },
    "Current Pod has completed, but not successfully",
  ],
  [
    "ready",
    "v1",
    "Pod",
    { status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } },
    "Current Pod is Ready",
  ],
  [
    "running",
    "v1",
    "Pod",
    { status: { phase: "Running" } },
    "InProgress Pod is running but is not Ready",
  ],
  [
    "crash loop",
    "v1",
    "Pod",
    {
      status: {
        phase: "Running",
        containerStatuses: [{ name: "c", state: { waiting: { reason: "CrashLoopBackOff" } } }],
      },
    },
    "Failed Containers in CrashLoop state: c",
  ],
  [
    "no place for long",
    "v1",
    "Pod",
    {
      status: {
        phase: "Pending",
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            lastTransitionTime: "2026-01-01T00:00:44Z",
          },
        ],
      },
    },
    "Failed Pod could not be scheduled",
  ],
  [
    "no place yet",
    "v1",
    "Pod",
    {
      status: {
        phase: "Pending",
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            lastTransitionTime: "2026-01-01T00:00:46Z",
          },
        ],
      },
    },
    "InProgress Pod has not been scheduled",
  ],
  ["unseen", "v1", "Pod", {}, "InProgress Pod phase not available"],
  pod("waiting", { phase: "Pending" }, "InProgress Pod is in the Pending phase"),
  pod(
    "crash loop of an init container",
    { phase: "Pending", initContainerStatuses: crashing },
    "Failed Containers in CrashLoop state: init",
  ),
  pod("lost", { phase: "Unknown" }, "InProgress Pod phase not available"),
  statefulSet("surplus", { replicas: 2 }, scaled, "InProgress Pending termination: 1"),
  statefulSet(
    "being updated",
    { replicas: 3 },
    { ...scaled, currentReplicas: 1 },
    "InProgress current: 1/3",
  ),
  statefulSet(
    "all well",
    { replicas: 3 },
    { ...scaled, currentRevision: "a", updateRevision: "a" },
    "Current All replicas scheduled as expected. Replicas: 3",
  ),
  daemonSet("no generation", daemons, "InProgress Missing .metadata.generation"),
  daemonSet(
    "nothing known",
    { observedGeneration: 1 },
    "InProgress Missing .status.desiredNumberScheduled",
    1,
  ),
  daemonSet(
    "not on all nodes",
    { ...daemons, currentNumberScheduled: 1 },
    "InProgress Current: 1/2",
    1,
  ),
  daemonSet("unavailable", { ...daemons, numberAvailable: 1 }, "InProgress Available: 1/2", 1),
  daemonSet("unready", { ...daemons, numberReady: 1 }, "InProgress Ready: 1/2", 1),
  daemonSet("all well", daemons, "Current All replicas scheduled as expected. Replicas: 2", 1),
  replicaSet("unavailable", { ...labelled, availableReplicas: 1 }, "InProgress Available: 1/2"),
  replicaSet("unready", { ...labelled, readyReplicas: 1 }, "InProgress Ready: 1/2"),
  replicaSet("surplus", { ...labelled, replicas: 3 }, "InProgress Pending termination: 1"),
  replicaSet("all well", labelled, "Current ReplicaSet is available. Replicas: 2"),
  definition(
    "on its way",
    { type: "Established", status: "False", reason: "Installing" },
    "InProgress Install in progress",
  ),
  definition(
    "refused",
    { type: "Established", status: "False", reason: "NotAccepted", message: "refused" },
    "Failed refused",
  ),
  [
    "failed",
    "batch/v1",
    "Job",
    {
      spec: { parallelism: 2 },
      status: { failed: 1, conditions: [{ type: "Failed", status: "True" }] },
    },
    "Failed Job Failed. failed: 1/2",
  ],
  ["not started", "batch/v1", "Job", {}, "InProgress Job not started"],
  [
    "started",
    "batch/v1",
    "Job",
    { status: { startTime: "t", active: 1 } },
    "Current Job in progress. success:0, active: 1, failed: 0",
  ],
  [
    "complete",
    "batch/v1",
    "Job",
    {
      spec: { completions: 2 },
      status: { succeeded: 2, conditions: [{ type: "Complete", status: "True" }] },
    },
    "Current Job Completed. succeeded: 2/2",
  ],
];

describe("statusOf()", () => {
  it.each(cases)("%s: %s %s", (_, apiVersion, kind, more, expected) => {
    const { status, message } = statusOf(view(apiVersion, kind, more), now);
    expect(`${status} ${message}`).toBe(expected);
  });
});

describe("readinessOf()", () => {
  it("takes other kinds as statusOf() does, a Job of another group among them", () => {
    expect(readinessOf(view("x.io/v1", "Job"), now)).toEqual(statusOf(view("x.io/v1", "Job"), now));
  });

  const jobs: [string, object, string][] = [
    [
      "deleted",
      { metadata: { name: "x", deletionTimestamp: "t" } },
      "Terminating Resource scheduled for deletion",
    ],
    [
      "failed without a word",
      { spec: { completions: 3 }, status: { conditions: [{ type: "Failed", status: "True" }] } },
      "Failed Job Failed. failed: 0/3",
    ],
    ["suspended", { spec: { suspend: true } }, "Current Job is suspended"],
    ["not started", { spec: { parallelism: 3 } }, "InProgress Job not started. active: 0/3"],
    [
      "started",
      { status: { startTime: "t", active: 1 } },
      "InProgress Job in progress. success:0, active: 1, failed: 0",
    ],
    [
      "complete",
      { status: { succeeded: 1, conditions: [{ type: "Complete", status: "True" }] } },
      "Current Job Completed. succeeded: 1/1",
    ],
    [
      "failed",
      { status: { failed: 2, conditions: [{ type: "Failed", status: "True", message: "limit" }] } },
      "Failed Job Failed. failed: 2/1 error: limit",
    ],
  ];
  it.each(jobs)("takes a Job that is %s for what it is", (_, more, expected) => {
    const { status, message } = readinessOf(view("batch/v1", "Job", more), now);
    expect(`${status} ${message}`).toBe(expected);
  });
});
