import type { KubeObjectView } from "@tenon/core";

import { isTrue } from "../object-status.ts";

/** What the status of a pod says, as far as it matters here. */
export interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

/** What the status of a pod says of a container. */
export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: Ended;
  };
  readonly lastState?: { readonly terminated?: Ended };
}

/** How a container ended. */
export interface Ended {
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
}

/** The status of a pod. */
export function podStatusOf(pod: KubeObjectView): PodStatus {
  return (pod["status"] ?? {}) as PodStatus;
}

/** All containers of a pod, those for its initialization first. */
export function containersOf(
  pod: KubeObjectView,
): (ContainerStatus & { readonly init: boolean })[] {
  const { initContainerStatuses = [], containerStatuses = [] } = podStatusOf(pod);
  return [
    ...initContainerStatuses.map((container) => ({ ...container, init: true })),
    ...containerStatuses.map((container) => ({ ...container, init: false })),
  ];
}

/** Tells a pod that serves, or has done what it was for. */
export function isWell(pod: KubeObjectView): boolean {
  const { phase } = podStatusOf(pod);
  return phase === "Succeeded" || (phase === "Running" && isTrue(pod, "Ready"));
}

/** Containers wait like this in every pod that begins. */
const beginning = new Set(["ContainerCreating", "PodInitializing"]);

/** Why a container waits, unless it does so as every container does at first. */
export function waitsFor({ state }: ContainerStatus): string | undefined {
  const reason = state?.waiting?.reason;
  return reason === undefined || beginning.has(reason) ? undefined : reason;
}
