import type { KubeObjectView } from "@tenon/core";

import {
  type ObjectStatus,
  conditionsOf,
  current,
  failed,
  inProgress,
  isTrue,
} from "./object-status.ts";
import { podStatus } from "./pod-status.ts";

/** Tells the status of an object of one kind, after the rules for all kinds have not. */
export type StatusRule = (view: KubeObjectView, now: number) => ObjectStatus;

type Numbers = Readonly<Record<string, number | undefined>>;

const alwaysReady: StatusRule = () => current("Resource is always ready");

/** The rules of kstatus by `group/Kind`, without the slash for the core group. */
export const workloadRules: ReadonlyMap<string, StatusRule> = new Map<string, StatusRule>([
  ["Service", service],
  ["Pod", podStatus],
  ["Secret", alwaysReady],
  ["ConfigMap", alwaysReady],
  ["PersistentVolumeClaim", claim],
  ["apps/Deployment", deployment],
  ["apps/StatefulSet", statefulSet],
  ["apps/DaemonSet", daemonSet],
  ["apps/ReplicaSet", replicaSet],
  ["batch/CronJob", alwaysReady],
  ["batch/Job", job],
  ["policy/PodDisruptionBudget", () => current("AllowedDisruptions has been computed.")],
  ["apiextensions.k8s.io/CustomResourceDefinition", definition],
]);

function deployment(view: KubeObjectView): ObjectStatus {
  const { spec, status } = numbersOf(view);
  // Without a deadline the controller never reports progress.
  let progressing = (spec["progressDeadlineSeconds"] ?? 2 ** 31 - 1) === 2 ** 31 - 1;
  for (const { type, reason, status: value } of conditionsOf(view)) {
    if (type !== "Progressing") continue;
    if (reason === "ProgressDeadlineExceeded") return failed("Progress deadline exceeded");
    if (value === "True" && reason === "NewReplicaSetAvailable") progressing = true;
  }
  const wanted = spec["replicas"] ?? 1;
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  if (wanted > replicas) return inProgress(`Replicas: ${replicas}/${wanted}`);
  if (wanted > updatedReplicas) return inProgress(`Updated: ${updatedReplicas}/${wanted}`);
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`);
  if (updatedReplicas > availableReplicas)
    return inProgress(`Available: ${availableReplicas}/${updatedReplicas}`);
  if (wanted > readyReplicas) return inProgress(`Ready: ${readyReplicas}/${wanted}`);
  if (!progressing) return inProgress("ReplicaSet not Available");
  if (!isTrue(view, "Available")) return inProgress("Deployment not Available");
  return current(`Deployment is available. Replicas: ${replicas}`);
}

function statefulSet(view: KubeObjectView): ObjectStatus {
  const { spec, status } = numbersOf(view);
  const strategy = (view["spec"] as StatefulSetSpec | undefined)?.updateStrategy;
  if (strategy?.type === "OnDelete")
    return current("StatefulSet is using the ondelete update strategy");
  const wanted = spec["replicas"] ?? 1;
  const { replicas = 0, readyReplicas = 0, currentReplicas = 0, updatedReplicas = 0 } = status;
  if (wanted > replicas) return inProgress(`Replicas: ${replicas}/${wanted}`);
  if (wanted > readyReplicas) return inProgress(`Ready: ${readyReplicas}/${wanted}`);
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`);
  const partition = strategy?.rollingUpdate?.partition;
  if (partition !== undefined) {
    const target = wanted - partition;
    if (updatedReplicas < target) return inProgress(`updated: ${updatedReplicas}/${target}`);
    return current(`Partition rollout complete. updated: ${updatedReplicas}`);
  }
  if (wanted > currentReplicas) return inProgress(`current: ${currentReplicas}/${wanted}`);
  const revisions = view["status"] as
    | { currentRevision?: string; updateRevision?: string }
    | undefined;
  if (revisions?.currentRevision !== revisions?.updateRevision) {
    return inProgress("Waiting for updated revision to match current");
  }
  return current(`All replicas scheduled as expected. Replicas: ${replicas}`);
}

interface StatefulSetSpec {
  readonly updateStrategy?: {
    readonly type?: string;
    readonly rollingUpdate?: { readonly partition?: number };
  };
}

function daemonSet(view: KubeObjectView): ObjectStatus {
  const { status } = numbersOf(view);
  if (view.metadata["generation"] === undefined) return inProgress("Missing .metadata.generation");
  if (status["observedGeneration"] === undefined)
    return inProgress("Missing .status.observedGeneration");
  const wanted = status["desiredNumberScheduled"];
  if (wanted === undefined) return inProgress("Missing .status.desiredNumberScheduled");
  const counts: [string, number][] = [
    ["Current", status["currentNumberScheduled"] ?? 0],
    ["Updated", status["updatedNumberScheduled"] ?? 0],
    ["Available", status["numberAvailable"] ?? 0],
    ["Ready", status["numberReady"] ?? 0],
  ];
  const short = counts.find(([, count]) => wanted > count);
  if (short !== undefined) return inProgress(`${short[0]}: ${short[1]}/${wanted}`);
  return current(`All replicas scheduled as expected. Replicas: ${wanted}`);
}

function replicaSet(view: KubeObjectView): ObjectStatus {
  const { spec, status } = numbersOf(view);
  if (isTrue(view, "ReplicaFailure")) return inProgress("Replica Failure condition. Check Pods");
  const wanted = spec["replicas"] ?? 1;
  const {
    replicas = 0,
    fullyLabeledReplicas = 0,
    availableReplicas = 0,
    readyReplicas = 0,
  } = status;
  if (wanted > fullyLabeledReplicas)
    return inProgress(`Labelled: ${fullyLabeledReplicas}/${wanted}`);
  if (wanted > availableReplicas) return inProgress(`Available: ${availableReplicas}/${wanted}`);
  if (wanted > readyReplicas) return inProgress(`Ready: ${readyReplicas}/${wanted}`);
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`);
  return current(`ReplicaSet is available. Replicas: ${replicas}`);
}

function job(view: KubeObjectView): ObjectStatus {
  const { spec, status } = numbersOf(view);
  const completions = spec["completions"] ?? spec["parallelism"] ?? 1;
  const { succeeded = 0, active = 0, failed: failures = 0 } = status;
  if (isTrue(view, "Complete"))
    return current(`Job Completed. succeeded: ${succeeded}/${completions}`);
  if (isTrue(view, "Failed")) return failed(`Job Failed. failed: ${failures}/${completions}`);
  if (status["startTime"] === undefined) return inProgress("Job not started");
  return current(`Job in progress. success:${succeeded}, active: ${active}, failed: ${failures}`);
}

function service(view: KubeObjectView): ObjectStatus {
  const spec = view["spec"] as { type?: string; clusterIP?: string } | undefined;
  if (spec?.type === "LoadBalancer" && !spec.clusterIP) {
    return inProgress("ClusterIP not set. Service type: LoadBalancer");
  }
  return current("Service is ready");
}

function claim(view: KubeObjectView): ObjectStatus {
  const phase = (view["status"] as { phase?: string } | undefined)?.phase ?? "unknown";
  return phase === "Bound"
    ? current("PVC is Bound")
    : inProgress(`PVC is not Bound. phase: ${phase}`);
}

function definition(view: KubeObjectView): ObjectStatus {
  for (const { type, status, reason, message = "" } of conditionsOf(view)) {
    if (type === "NamesAccepted" && status === "False") return failed(message || (reason ?? ""));
    if (type !== "Established") continue;
    if (status === "True") return current("CRD is established");
    if (status === "False" && reason !== "Installing") return failed(message || (reason ?? ""));
  }
  return inProgress("Install in progress");
}

function numbersOf(view: KubeObjectView): { readonly spec: Numbers; readonly status: Numbers } {
  return { spec: (view["spec"] ?? {}) as Numbers, status: (view["status"] ?? {}) as Numbers };
}
