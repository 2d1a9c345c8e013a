import {
  type BundleMember,
  type BundleSummary,
  type KubeClient,
  listBundles,
  listInstances,
  membersOf,
} from "@tenon/kube";

import { DeployError } from "../errors.ts";
import { clusterOfRecord } from "./bundle-cluster.ts";

/** A bundle as a cluster has it. */
export interface FoundBundle {
  /** Its record; none when only its instances are left. */
  readonly summary?: BundleSummary | undefined;
  readonly members: readonly BundleMember[];
}

/**
 * Finds a bundle on a cluster: by its record, and where there is none by the instances that say they
 * belong to it. Without a runtime the record of any cluster will do, if there is one only.
 *
 * @throws DeployError `DEPLOY_CLUSTER_AMBIGUOUS`
 * @throws KubeError `KUBE_RECORD_INVALID` when the record is damaged
 */
export async function findBundle(
  client: KubeClient,
  from: { readonly name: string; readonly cluster: string },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FoundBundle | undefined> {
  const { name } = from;
  const { bundles, broken } = await listBundles(client, { name, ...options });
  const cluster = clusterOfRecord(from.cluster);
  const own = bundles.filter(({ record }) => record.cluster === cluster);
  const candidates = own.length > 0 || cluster !== undefined ? own : bundles;
  if (candidates.length > 1) throw ambiguous(name, candidates);
  const [summary] = candidates;
  if (summary !== undefined) return { summary, members: membersOf(summary.record) };
  if (broken.length > 0) throw broken[0]!.error;
  const { instances } = await listInstances(client, {
    allNamespaces: true,
    bundle: name,
    ...options,
  });
  if (instances.length === 0) return undefined;
  const inOrder = instances.toSorted((a, b) =>
    (a.createdAt ?? "").localeCompare(b.createdAt ?? ""),
  );
  // Nobody knows any more what needs what: the order in which they were made is the best guess.
  const members = inOrder.map(({ name: instance, namespace }, index) => {
    const dependsOn = inOrder.slice(0, index).map((before) => before.name);
    return { name: instance, namespace, dependsOn };
  });
  return { members };
}

function ambiguous(name: string, candidates: readonly BundleSummary[]): DeployError {
  const clusters = candidates.map(({ record }) => record.cluster ?? "no runtime").join(", ");
  return new DeployError(
    "DEPLOY_CLUSTER_AMBIGUOUS",
    `Cannot choose between the records of bundle ${name}: it is there for ${clusters}`,
    { hint: "Name the runtime with -r, and the cluster with --runtime-cluster" },
  );
}

/** The error for a bundle that is on none of the clusters. */
export function bundleNotFound(name: string, clusters: readonly string[]): DeployError {
  const where = clusters.length > 1 ? `on any of ${clusters.join(", ")}` : "on the cluster";
  return new DeployError("DEPLOY_BUNDLE_NOT_FOUND", `Cannot find bundle ${name} ${where}`, {
    hint: "tenon bundle list",
  });
}
