import type { KubeObjectView } from "@tenon/core";

import type { ApiResource } from "./client/api-resource.ts";
import type { KubeClient } from "./client/kube-client.ts";
import { type CallOptions, listObjects } from "./client/objects.ts";
import { isKubeError } from "./errors.ts";
import { statusOf } from "./status-of.ts";

/** Asking why must not hold up the answer that something is wrong. */
const patience = 5000;
const mostReasons = 5;

const pods = core("Pod", "pods");
const events = core("Event", "events");

/**
 * Why a workload is not ready, in words of its pods and of the last warning events. An empty list
 * comes back when nothing is known, or when the user may not look.
 */
export async function workloadReasons(
  client: KubeClient,
  view: KubeObjectView,
): Promise<readonly string[]> {
  const { namespace } = view.metadata;
  const signal = AbortSignal.timeout(patience);
  if (namespace === undefined) return [];
  try {
    const own = podSelector(view);
    const found =
      own === undefined
        ? []
        : await listObjects(client, pods, { namespace, labelSelector: own, signal });
    const fromPods = found.flatMap(podReasons);
    if (fromPods.length > 0) return unique(fromPods);
    const names = [view.metadata.name, ...found.map(({ metadata }) => metadata.name)];
    const warnings = await listObjects(client, events, {
      namespace,
      fieldSelector: "type=Warning",
      signal,
    });
    return unique(eventReasons(warnings, view, new Set(names)));
  } catch {
    return [];
  }
}

/**
 * The pods of a StatefulSet or ReplicaSet that will not come up, in words. Those that are going, or
 * only lack a place, do not count.
 */
export async function failedPods(
  client: KubeClient,
  view: KubeObjectView,
  options: CallOptions = {},
): Promise<readonly string[]> {
  const { namespace } = view.metadata;
  const labelSelector = podSelector(view);
  if (namespace === undefined || labelSelector === undefined) return [];
  let found: readonly KubeObjectView[];
  try {
    found = await listObjects(client, pods, { namespace, labelSelector, ...options });
  } catch (error) {
    if (isKubeError(error, "KUBE_FORBIDDEN")) return [];
    throw error;
  }
  return found.flatMap((pod) => {
    const { status, message } = statusOf(pod, client.now());
    const lacksPlace = message === "Pod could not be scheduled";
    return status === "Failed" && !lacksPlace ? [`pod ${pod.metadata.name}: ${message}`] : [];
  });
}

function podSelector(view: KubeObjectView): string | undefined {
  if (view.kind === "Pod") return undefined;
  const spec = view["spec"] as { selector?: { matchLabels?: Record<string, string> } } | undefined;
  const labels = Object.entries(spec?.selector?.matchLabels ?? {});
  return labels.length === 0
    ? undefined
    : labels.map(([key, value]) => `${key}=${value}`).join(",");
}

interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
  };
  readonly lastState?: {
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
  };
}

function podReasons(view: KubeObjectView): string[] {
  const status = (view["status"] ?? {}) as PodStatus;
  const pod = `pod ${view.metadata.name}`;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const reasons = containers.flatMap((container) => {
    const text = containerReason(container);
    return text === undefined ? [] : [`${pod}: container ${container.name} ${text}`];
  });
  const scheduled = status.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") {
    reasons.push(`${pod}: ${[scheduled.reason, scheduled.message].filter(Boolean).join(": ")}`);
  }
  if (status.phase === "Failed" && reasons.length === 0) {
    reasons.push(
      `${pod}: ${[status.reason ?? "Failed", status.message].filter(Boolean).join(": ")}`,
    );
  }
  return reasons;
}

function containerReason({ state, lastState }: ContainerStatus): string | undefined {
  const waiting = state?.waiting;
  if (
    waiting?.reason !== undefined &&
    waiting.reason !== "ContainerCreating" &&
    waiting.reason !== "PodInitializing"
  ) {
    const before = lastState?.terminated;
    const exit = before === undefined ? "" : `, last exit code ${before.exitCode ?? "unknown"}`;
    return [`${waiting.reason}${exit}`, waiting.message].filter(Boolean).join(": ");
  }
  const ended = state?.terminated;
  if (ended === undefined || ended.exitCode === 0) return undefined;
  return `ended with exit code ${ended.exitCode ?? "unknown"} (${ended.reason ?? "Error"})`;
}

function eventReasons(
  warnings: readonly KubeObjectView[],
  view: KubeObjectView,
  names: ReadonlySet<string>,
): string[] {
  return warnings
    .map((event) => event as unknown as EventView)
    .filter(({ involvedObject: about }) => {
      // A ReplicaSet between a Deployment and its pods has a name of its own.
      const below = about.name.startsWith(`${view.metadata.name}-`);
      return names.has(about.name) || below;
    })
    .sort((a, b) => timeOf(b).localeCompare(timeOf(a)))
    .map(
      ({ reason, message, involvedObject: about }) =>
        `${about.kind} ${about.name}: ${reason}: ${message}`,
    );
}

interface EventView {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata: { readonly creationTimestamp?: string };
}

function timeOf(event: EventView): string {
  return event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "";
}

function unique(reasons: readonly string[]): string[] {
  return [...new Set(reasons.map((reason) => reason.trim()))].slice(0, mostReasons);
}

function core(kind: string, plural: string): ApiResource {
  return { group: "", version: "v1", kind, plural, namespaced: true, verbs: [] };
}
