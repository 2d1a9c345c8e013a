import type { KubeObjectView } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { type CallOptions, listObjects } from "../client/objects.ts";
import { isKubeError } from "../errors.ts";
import { statusOf } from "../status-of.ts";
import { podResource } from "./resources.ts";
import { selectorOf } from "./selector.ts";

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
  const labelSelector = selectorOf(view);
  if (namespace === undefined || labelSelector === undefined) return [];
  let found: readonly KubeObjectView[];
  try {
    found = await listObjects(client, podResource, { namespace, labelSelector, ...options });
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
