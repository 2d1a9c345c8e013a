import { type KubeObjectView, type ObjectRef, groupOf } from "@tenon/core";

import { mapBounded } from "../bounded.ts";
import type { ApiResource } from "../client/api-resource.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { type CallOptions, listObjects } from "../client/objects.ts";
import { isKubeError } from "../errors.ts";
import { ownersOf } from "../evidence/children.ts";
import { jobResource, podResource, replicaSetResource } from "../evidence/resources.ts";
import { uidOf } from "../live-object.ts";
import type { ObjectStatus } from "../object-status.ts";
import { readinessOf } from "../status-of.ts";

/** An object with those that were made for it. */
export interface TreeNode extends ObjectStatus {
  readonly ref: ObjectRef;
  /** RFC 3339. */
  readonly createdAt?: string | undefined;
  readonly children: readonly TreeNode[];
}

/** What is made for a kind, from the top to its pods. */
const below: Readonly<Record<string, readonly ApiResource[]>> = {
  "apps/Deployment": [replicaSetResource, podResource],
  "apps/ReplicaSet": [podResource],
  "apps/StatefulSet": [podResource],
  "apps/DaemonSet": [podResource],
  "batch/Job": [podResource],
  "batch/CronJob": [jobResource, podResource],
};

/**
 * Finds what was made for objects, down to their pods, with one list for each kind and namespace.
 * What the user may not list is left out.
 *
 * @param roots live objects
 * @returns the children of each root, by its uid
 */
export async function childrenOf(
  client: KubeClient,
  roots: readonly KubeObjectView[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, readonly TreeNode[]>> {
  const wanted = new Map<string, { resource: ApiResource; namespace: string }>();
  for (const root of roots) {
    const { namespace } = root.metadata;
    if (namespace === undefined) continue;
    for (const resource of below[`${groupOf(root.apiVersion)}/${root.kind}`] ?? []) {
      wanted.set(`${resource.plural}/${namespace}`, { resource, namespace });
    }
  }
  const lists = await mapBounded([...wanted.values()], ({ resource, namespace }) =>
    listUnlessForbidden(client, resource, { namespace, ...options }),
  );
  const byOwner = new Map<string, KubeObjectView[]>();
  for (const view of lists.flat()) {
    if (isRetired(view)) continue;
    for (const { uid } of ownersOf(view)) byOwner.set(uid, [...(byOwner.get(uid) ?? []), view]);
  }
  const now = client.now();
  const childrenOfUid = (uid: string | undefined): TreeNode[] =>
    (byOwner.get(uid ?? "") ?? []).map((view) => nodeOf(view, childrenOfUid(uidOf(view)), now));
  return new Map(roots.map((root) => [uidOf(root) ?? "", childrenOfUid(uidOf(root))]));
}

/** ReplicaSets of earlier revisions are kept for a rollback, without pods. */
function isRetired(view: KubeObjectView): boolean {
  if (view.kind !== "ReplicaSet") return false;
  const spec = view["spec"] as { readonly replicas?: number } | undefined;
  const status = view["status"] as { readonly replicas?: number } | undefined;
  return spec?.replicas === 0 && (status?.replicas ?? 0) === 0;
}

function nodeOf(view: KubeObjectView, children: readonly TreeNode[], now: number): TreeNode {
  const { apiVersion, kind, metadata } = view;
  const { namespace, name } = metadata;
  const createdAt = metadata["creationTimestamp"] as string | undefined;
  const ref = { apiVersion, kind, namespace, name };
  return { ref, ...readinessOf(view, now), createdAt, children };
}

async function listUnlessForbidden(
  client: KubeClient,
  resource: ApiResource,
  options: CallOptions & { readonly namespace: string },
): Promise<KubeObjectView[]> {
  try {
    return await listObjects(client, resource, options);
  } catch (error) {
    if (isKubeError(error, "KUBE_FORBIDDEN")) return [];
    throw error;
  }
}
