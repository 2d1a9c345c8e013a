import { type BundleMember, type KubeClient, openBundleRecord } from "@tenon/kube";
import type { RuntimeCluster } from "@tenon/schema";
import pMap from "p-map";

import { type ClusterRequest, openCluster } from "../apply/open-cluster.ts";
import type { DeployContext } from "../context.ts";
import { defaultParallel } from "./apply-bundle.ts";
import type { RemovedReport } from "./bundle-report.ts";
import { type FoundBundle, bundleNotFound, findBundle } from "./find-bundle.ts";
import { removeMembers } from "./remove-members.ts";
import { type BundleSelection, selectBundle } from "./select-bundle.ts";
import { failureAmong } from "./skip-reason.ts";

/** Which bundle to delete, where, and how. */
export interface DeleteBundleRequest extends BundleSelection {
  /** Only tell what would be deleted. */
  readonly dryRun?: boolean | undefined;
  /** Wait until the objects are gone; on by default. */
  readonly wait?: boolean | undefined;
  /** For each wait on its own, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Instances at a time on each cluster; with 1 the clusters take turns too. */
  readonly maxParallel?: number | undefined;
  readonly onFailure?: "stop" | "continue" | undefined;
}

/** What became of the instances of a bundle. */
export interface DeleteBundleReport {
  readonly bundle: string;
  readonly dryRun: boolean;
  readonly clusters: readonly ClusterDeletion[];
}

/** What became of the instances of a bundle on one cluster. */
export interface ClusterDeletion {
  /** `_default` when there is no runtime. */
  readonly cluster: string;
  readonly found: boolean;
  /** In the order in which they go. */
  readonly removed: readonly RemovedReport[];
  /** Why nothing, or not everything, could be done. */
  readonly error?: unknown;
}

/**
 * Deletes a bundle: each instance when those that depend on it are gone, its record last. The files
 * of the bundle are not needed.
 *
 * @throws DeployError `DEPLOY_BUNDLE_NOT_FOUND`
 * @throws KubeError of a single cluster what every call may throw
 */
export async function deleteBundle(
  context: DeployContext,
  request: DeleteBundleRequest,
): Promise<DeleteBundleReport> {
  const { name, clusters } = await selectBundle(context, request);
  const deletions = await pMap(
    clusters,
    (cluster) => deleteOn(context, request, { name, cluster }),
    { concurrency: request.maxParallel === 1 ? 1 : Math.max(1, clusters.length) },
  );
  context.signal?.throwIfAborted();
  const [only] = deletions;
  if (deletions.length === 1 && only?.error !== undefined && !only.found) throw only.error as Error;
  if (deletions.every(({ found, error }) => !found && error === undefined)) {
    throw bundleNotFound(
      name,
      clusters.map((cluster) => cluster.name),
    );
  }
  return { bundle: name, dryRun: request.dryRun === true, clusters: deletions };
}

interface Target {
  readonly name: string;
  readonly cluster: RuntimeCluster;
}

async function deleteOn(
  context: DeployContext,
  request: DeleteBundleRequest,
  target: Target,
): Promise<ClusterDeletion> {
  const { name: bundle } = target;
  const cluster = target.cluster.name;
  try {
    await using client = await openContextOf(context, request.kube, target.cluster);
    const found = await findBundle(client, { name: bundle, cluster }, { signal: context.signal });
    if (found === undefined) return { cluster, found: false, removed: [] };
    const instances = found.members.length;
    const operation = request.dryRun ? "plan" : "delete";
    context.onEvent?.({ type: "bundle-started", bundle, cluster, operation, instances });
    const removed = await deleteFound(context, request, { client, found, ...target });
    return { cluster, found: true, removed };
  } catch (error) {
    if (!context.signal?.aborted) {
      context.onEvent?.({ type: "cluster-failed", bundle, cluster, error });
    }
    return { cluster, found: false, removed: [], error };
  }
}

/** Connects to a cluster of a runtime. */
export async function openContextOf(
  context: DeployContext,
  kube: ClusterRequest["cluster"],
  { kubeContext }: RuntimeCluster,
): Promise<KubeClient> {
  const cluster = { ...kube, ...(kubeContext !== undefined && { context: kubeContext }) };
  return openCluster(context, { cluster });
}

async function deleteFound(
  context: DeployContext,
  request: DeleteBundleRequest,
  from: Target & { readonly client: KubeClient; readonly found: FoundBundle },
): Promise<RemovedReport[]> {
  const { client, found, name: bundle, cluster } = from;
  const { dryRun = false, wait, timeoutMs } = request;
  const { maxParallel = defaultParallel, onFailure = "stop" } = request;
  const how = { wait, timeoutMs, maxParallel, onFailure, dryRun };
  const options = { bundle, cluster: cluster.name, context, ...how };
  const { signal } = context;
  if (dryRun) return removeMembers(client, found.members, { ...options, signal });
  const session = await openBundleRecord(client, {
    bundle,
    cluster: found.summary?.record.cluster,
    namespaces: found.members.map(({ namespace }) => namespace),
    signal,
  });
  const held = await session.begin("delete", found.members);
  const removed = await removeMembers(client, found.members, { ...options, session, signal: held });
  const failure = failureAmong(removed.map(({ outcome }) => outcome));
  try {
    if (failure === undefined) await session.remove();
    else await session.abandon(failure, leftOf(found.members, removed));
  } catch (error) {
    await session.abandon(error);
    throw error;
  }
  return removed;
}

function leftOf(
  members: readonly BundleMember[],
  removed: readonly RemovedReport[],
): BundleMember[] {
  const gone = new Set(
    removed
      .filter(({ outcome }) => outcome.state === "done")
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return members.filter(({ namespace, name }) => !gone.has(`${namespace}/${name}`));
}
