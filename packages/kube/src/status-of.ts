import { type KubeObjectView, groupOf } from "@tenon/core";

import { type ObjectStatus, conditionsOf } from "./object-status.ts";
import { type StatusRule, workloadRules } from "./status-rules.ts";

/**
 * The status of an object by the rules of kstatus.
 *
 * @param now milliseconds since the epoch, for pods that cannot be scheduled
 *
 * @example
 * statusOf({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }, 0).status; // "Current"
 */
export function statusOf(view: KubeObjectView, now: number): ObjectStatus {
  return (
    generic(view) ??
    ruleOf(view)?.(view, now) ??
    readyCondition(view) ?? {
      status: "Current",
      message: "Resource is current",
    }
  );
}

/**
 * The status that a wait goes by: as {@link statusOf}, but a Job is only current when it has
 * finished or is suspended.
 */
export function readinessOf(view: KubeObjectView, now: number): ObjectStatus {
  if (view.kind !== "Job" || groupOf(view.apiVersion) !== "batch") return statusOf(view, now);
  if (view.metadata["deletionTimestamp"] !== undefined) return terminating;
  const job = view as unknown as JobView;
  const { status = {}, spec = {} } = job;
  if (spec.suspend === true) return { status: "Current", message: "Job is suspended" };
  const parallelism = spec.parallelism ?? 1;
  const completions = spec.completions ?? parallelism;
  const failed = conditionsOf(view).find(
    (entry) => entry.type === "Failed" && entry.status === "True",
  );
  if (failed !== undefined) {
    const count = `Job Failed. failed: ${status.failed ?? 0}/${completions}`;
    return {
      status: "Failed",
      message: failed.message ? `${count} error: ${failed.message}` : count,
    };
  }
  if (conditionsOf(view).some((entry) => entry.type === "Complete" && entry.status === "True")) {
    return {
      status: "Current",
      message: `Job Completed. succeeded: ${status.succeeded ?? 0}/${completions}`,
    };
  }
  if (status.startTime === undefined) {
    return { status: "InProgress", message: `Job not started. active: 0/${parallelism}` };
  }
  const { succeeded = 0, active = 0, failed: failures = 0 } = status;
  const message = `Job in progress. success:${succeeded}, active: ${active}, failed: ${failures}`;
  return { status: "InProgress", message };
}

interface JobView {
  readonly spec?: {
    readonly suspend?: boolean;
    readonly parallelism?: number;
    readonly completions?: number;
  };
  readonly status?: {
    readonly startTime?: string;
    readonly succeeded?: number;
    readonly active?: number;
    readonly failed?: number;
  };
}

const terminating: ObjectStatus = {
  status: "Terminating",
  message: "Resource scheduled for deletion",
};

function generic(view: KubeObjectView): ObjectStatus | undefined {
  if (view.metadata["deletionTimestamp"] !== undefined) return terminating;
  const { generation } = view.metadata as { readonly generation?: unknown };
  const status = view["status"] as { readonly observedGeneration?: unknown } | null | undefined;
  const observed = status?.observedGeneration;
  const areNumbers = typeof generation === "number" && typeof observed === "number";
  if (areNumbers && observed !== generation) {
    const message = `${view.kind} generation is ${generation}, but latest observed generation is ${observed}`;
    return { status: "InProgress", message };
  }
  for (const { type, status: value, message = "", reason } of conditionsOf(view)) {
    if (type === "Reconciling" && value === "True")
      return { status: "InProgress", message: message || (reason ?? "") };
    if (type === "Stalled" && value === "True")
      return { status: "Failed", message: message || (reason ?? "") };
  }
  return undefined;
}

function ruleOf(view: KubeObjectView): StatusRule | undefined {
  const group = groupOf(view.apiVersion);
  return workloadRules.get(group === "" ? view.kind : `${group}/${view.kind}`);
}

function readyCondition(view: KubeObjectView): ObjectStatus | undefined {
  const ready = conditionsOf(view).find((condition) => condition.type === "Ready");
  if (ready === undefined) return undefined;
  if (ready.status === "True") return { status: "Current", message: "Resource is Ready" };
  return {
    status: "InProgress",
    message: ready.message || ready.reason || "Resource is not Ready",
  };
}
