import {
  type BrokenBundle,
  type BundleMember,
  type BundleSummary,
  listBundles as listOnCluster,
  membersOf,
} from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { openContextOf } from "./delete-bundle.ts";
import { type BundleRequest, openRuntime } from "./open-bundle.ts";

/** Which bundles to list, and where. */
export interface ListBundlesRequest extends Omit<BundleRequest, "files"> {
  /** Only bundles that have an instance in this namespace. */
  readonly namespace?: string | undefined;
}

/** The bundles of one cluster. */
export interface ListedBundles {
  /** `_default` when there is no runtime. */
  readonly cluster: string;
  readonly bundles: readonly ListedBundle[];
  /** Records that cannot be read; they do not hide the others. */
  readonly broken: readonly BrokenBundle[];
  /** Why this cluster could not be asked. */
  readonly error?: unknown;
}

/** A bundle in a list. */
export interface ListedBundle {
  readonly summary: BundleSummary;
  readonly state: BundleState;
  readonly members: readonly BundleMember[];
}

/**
 * Where a bundle stands: `applied`; `pending` while a run is at work; `failed` when a run ended
 * before its end; `deleting` when that run was a delete.
 */
export type BundleState = "applied" | "pending" | "failed" | "deleting";

/** Lists the bundles of each selected cluster. */
export async function listBundles(
  context: DeployContext,
  request: ListBundlesRequest,
): Promise<ListedBundles[]> {
  const { selected: clusters } = await openRuntime(context, request);
  return Promise.all(
    clusters.map(async (cluster) => {
      try {
        await using client = await openContextOf(context, request.kube, cluster);
        const { bundles, broken } = await listOnCluster(client, { signal: context.signal });
        const listed = bundles.map((summary) => ({
          summary,
          state: stateOf(summary),
          members: membersOf(summary.record),
        }));
        return {
          cluster: cluster.name,
          bundles: listed.filter(({ members }) => isWanted(members, request.namespace)),
          broken,
        };
      } catch (error) {
        context.signal?.throwIfAborted();
        if (clusters.length === 1) throw error;
        return { cluster: cluster.name, bundles: [], broken: [], error };
      }
    }),
  );
}

/** Where a bundle stands, from its record. */
export function stateOf({ record: { pending }, holder }: BundleSummary): BundleState {
  if (pending === undefined) return "applied";
  if (pending.operation === "delete") return "deleting";
  return holder === undefined || pending.error !== undefined ? "failed" : "pending";
}

function isWanted(members: readonly BundleMember[], namespace: string | undefined): boolean {
  return namespace === undefined || members.some((member) => member.namespace === namespace);
}
