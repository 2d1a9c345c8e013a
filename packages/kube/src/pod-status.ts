import type { KubeObjectView } from "@tenon/core";

import {
  type Condition,
  type ObjectStatus,
  conditionsOf,
  current,
  failed,
  inProgress,
  isTrue,
} from "./object-status.ts";

/** A pod may wait this long for a place before it counts as failed. */
const scheduleWindow = 15_000;

/** The status of a pod by the rules of kstatus. */
export function podStatus(view: KubeObjectView, now: number): ObjectStatus {
  const status = (view["status"] ?? {}) as PodStatus;
  switch (status.phase ?? "") {
    case "Succeeded":
      return current("Pod has completed successfully");
    case "Failed":
      return current("Pod has completed, but not successfully");
    case "Running":
      if (isTrue(view, "Ready")) return current("Pod is Ready");
      return crashLoop(status) ?? inProgress("Pod is running but is not Ready");
    case "Pending": {
      const scheduled = conditionsOf(view).find(({ type }) => type === "PodScheduled");
      if (isUnschedulable(scheduled)) {
        const since = Date.parse(scheduled?.lastTransitionTime ?? "");
        if (now - since < scheduleWindow) return inProgress("Pod has not been scheduled");
        return failed("Pod could not be scheduled");
      }
      return crashLoop(status) ?? inProgress("Pod is in the Pending phase");
    }
    default:
      return inProgress("Pod phase not available");
  }
}

interface PodStatus {
  readonly phase?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly waiting?: { readonly reason?: string } };
}

function crashLoop(status: PodStatus): ObjectStatus | undefined {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const names = all
    .filter(({ state }) => state?.waiting?.reason === "CrashLoopBackOff")
    .map(({ name }) => name);
  return names.length === 0
    ? undefined
    : failed(`Containers in CrashLoop state: ${names.join(",")}`);
}

function isUnschedulable(condition: Condition | undefined): boolean {
  return condition?.status === "False" && condition.reason === "Unschedulable";
}
