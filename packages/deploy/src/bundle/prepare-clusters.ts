import { isKubeError } from "@tenon/kube";

import { DeployError } from "../errors.ts";
import type { BundleCluster } from "./bundle-cluster.ts";

/** How long clusters that have answered wait for the others. */
const patience = 2000;

/**
 * Renders a bundle for all clusters and makes sure that all its instances are ours to change, before
 * anything is written anywhere. A cluster that is slow or out of reach keeps the others waiting for
 * a moment and no longer; it is prepared on its own then.
 *
 * @throws SchemaError, OciError, DeployError, KubeError when the bundle itself is wrong
 */
export async function prepareClusters(
  clusters: readonly BundleCluster[],
  options: { readonly patient: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const limit = options.patient ? Number.POSITIVE_INFINITY : patience;
  const connected = await settledWithin(
    clusters.map((cluster) => cluster.connect()),
    limit,
  );
  options.signal?.throwIfAborted();
  for (const result of connected) {
    // A single cluster has no others that could go on.
    if (result?.status === "rejected" && (clusters.length === 1 || isBadConfig(result.reason))) {
      throw result.reason;
    }
  }
  const reached = clusters.filter((_, index) => connected[index]?.status === "fulfilled");
  const rendered = await Promise.allSettled(reached.map((cluster) => cluster.render()));
  options.signal?.throwIfAborted();
  for (const result of rendered) if (result.status === "rejected") throw result.reason;
  rejectSameServer(reached);
  const checked = await settledWithin(
    reached.map((cluster) => cluster.check()),
    limit,
  );
  options.signal?.throwIfAborted();
  for (const result of checked) {
    if (result?.status !== "rejected") continue;
    if (clusters.length === 1 || concernsBundle(result.reason)) throw result.reason;
  }
}

/** Two clusters of a runtime that are one would fight over the same instances. */
function rejectSameServer(clusters: readonly BundleCluster[]): void {
  const places = new Map<string, string>();
  for (const { name: cluster, client, opened } of clusters) {
    for (const { name, namespace } of opened.bundle.instances) {
      const place = `${client.connection.server} ${namespace}/${name}`;
      const other = places.get(place);
      places.set(place, cluster);
      if (other === undefined) continue;
      throw new DeployError(
        "DEPLOY_CLUSTERS_OVERLAP",
        `Cannot apply instance ${name} in ${namespace} to ${other} and ${cluster}: both are ${client.connection.server}`,
        { hint: "Give each cluster of the runtime the context of another API server" },
      );
    }
  }
}

/** Tells a kubeconfig that is wrong from a cluster that is out of reach. */
function isBadConfig(error: unknown): boolean {
  return isKubeError(error, "KUBE_CONFIG_INVALID", "KUBE_CONFIG_NOT_FOUND", "KUBE_CONTEXT_UNKNOWN");
}

/** Tells what is wrong with the bundle from what is wrong with one cluster. */
function concernsBundle(error: unknown): boolean {
  const codes = ["KUBE_BUNDLE_CONFLICT", "KUBE_MANAGED_BY_TIMONI", "KUBE_INVALID"] as const;
  return !isKubeError(error) || isKubeError(error, ...codes);
}

/**
 * Waits until all promises are settled, or for a time after the first was fulfilled. What is not
 * settled by then is undefined.
 */
export async function settledWithin<T>(
  promises: readonly Promise<T>[],
  milliseconds: number,
): Promise<(PromiseSettledResult<T> | undefined)[]> {
  const results: (PromiseSettledResult<T> | undefined)[] = promises.map(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    promises.forEach((promise, index) => {
      promise.then(
        (value) => {
          results[index] = { status: "fulfilled", value };
          if (Number.isFinite(milliseconds)) timer ??= setTimeout(resolve, milliseconds);
        },
        (reason: unknown) => (results[index] = { status: "rejected", reason }),
      );
    });
  });
  await Promise.race([Promise.allSettled(promises), late]);
  clearTimeout(timer);
  return [...results];
}
