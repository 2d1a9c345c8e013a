import {
  type BundleMember,
  type BundleSummary,
  type InstanceStatus,
  type KubeClient,
  getInstance,
  instanceStatus,
  isKubeError,
} from "@tenon/kube";
import pMap from "p-map";

import type { DeployContext } from "../context.ts";
import { recordedChecks } from "../health/recorded-checks.ts";
import { openContextOf } from "./delete-bundle.ts";
import { bundleNotFound, findBundle } from "./find-bundle.ts";
import { type BundleState, stateOf } from "./list-bundles.ts";
import { type BundleSelection, type SelectedBundle, selectBundle } from "./select-bundle.ts";

/** A bundle as it is on all clusters that were selected. */
export interface BundleStatus {
  readonly bundle: string;
  readonly clusters: readonly ClusterBundleStatus[];
  /** Everything is there and ready, and the last run came to its end. */
  readonly healthy: boolean;
}

/** A bundle as it is on one cluster. */
export interface ClusterBundleStatus {
  /** `_default` when there is no runtime. */
  readonly cluster: string;
  /** `missing` when nothing of the bundle is there, `unrecorded` when only its instances are. */
  readonly state: BundleState | "missing" | "unrecorded";
  readonly summary?: BundleSummary | undefined;
  readonly instances: readonly MemberStatus[];
  /** Milliseconds since the epoch, by the clock of the server. */
  readonly now: number;
  /** Why this cluster, or the record of the bundle, could not be read. */
  readonly error?: unknown;
  readonly healthy: boolean;
}

/** An instance of a bundle as it is. */
export interface MemberStatus extends BundleMember {
  readonly status?: InstanceStatus | undefined;
  /** Why there is no status: it does not exist, or its record cannot be read. */
  readonly error?: unknown;
  readonly healthy: boolean;
}

/** Instances that are looked at at a time, on each cluster. */
const parallelLooks = 4;

/**
 * Tells how a bundle is doing, on each of its clusters. What cannot be read is part of the answer.
 *
 * @throws DeployError `DEPLOY_BUNDLE_NOT_FOUND` when it is on no cluster
 */
export async function bundleStatus(
  context: DeployContext,
  request: BundleSelection,
): Promise<BundleStatus> {
  const selected = await selectBundle(context, request);
  const { name, clusters } = selected;
  const found = await Promise.all(
    clusters.map((cluster) => clusterStatus(context, request, { name, clusters: [cluster] })),
  );
  context.signal?.throwIfAborted();
  if (found.length === 1 && found[0]?.error !== undefined) throw found[0].error as Error;
  if (found.every(({ state, error }) => state === "missing" && error === undefined)) {
    throw bundleNotFound(
      name,
      clusters.map((cluster) => cluster.name),
    );
  }
  return { bundle: name, clusters: found, healthy: found.every(({ healthy }) => healthy) };
}

async function clusterStatus(
  context: DeployContext,
  request: BundleSelection,
  { name, clusters }: SelectedBundle,
): Promise<ClusterBundleStatus> {
  const [cluster] = clusters;
  const missing = {
    cluster: cluster!.name,
    state: "missing",
    instances: [],
    now: 0,
    healthy: false,
  } as const;
  const { signal } = context;
  try {
    await using client = await openContextOf(context, request.kube, cluster!);
    const found = await findBundle(client, { name, cluster: cluster!.name }, { signal });
    if (found === undefined) return missing;
    const instances = await pMap(found.members, (member) => memberStatus(context, client, member), {
      concurrency: parallelLooks,
    });
    const { summary } = found;
    const state = summary === undefined ? "unrecorded" : stateOf(summary);
    const healthy = state === "applied" && instances.every((instance) => instance.healthy);
    return { cluster: cluster!.name, state, summary, instances, now: client.now(), healthy };
  } catch (error) {
    return { ...missing, error };
  }
}

async function memberStatus(
  context: DeployContext,
  client: KubeClient,
  member: BundleMember,
): Promise<MemberStatus> {
  const { name, namespace } = member;
  const { signal } = context;
  try {
    const { record } = await getInstance(client, name, namespace, { signal });
    const healthChecks = recordedChecks(context, record);
    const status = await instanceStatus(client, name, namespace, { healthChecks, signal });
    return { ...member, status, healthy: status.healthy };
  } catch (error) {
    if (!isKubeError(error, "KUBE_INSTANCE_NOT_FOUND", "KUBE_RECORD_INVALID", "KUBE_FORBIDDEN")) {
      throw error;
    }
    return { ...member, error, healthy: false };
  }
}
