import {
  driftOfInstance,
  listInstances as listOnCluster,
  type BrokenInstance,
  type IgnoreRules,
  type InstanceDrift,
} from "@tenon/kube";
import pMap from "p-map";

import type { DeployContext } from "../context.ts";
import { openCluster, type ClusterRequest } from "./open-cluster.ts";

/** Where to look for drift. */
export interface DriftRequest extends ClusterRequest {
  /** One instance; all of the namespace unless given. */
  readonly name?: string | undefined;
  readonly allNamespaces?: boolean | undefined;
  /** Those of a bundle alone. */
  readonly bundle?: string | undefined;
  readonly ignore?: IgnoreRules | undefined;
}

/** What was found. */
export interface DriftReport {
  readonly instances: readonly InstanceDrift[];
  /** Instances whose record cannot be read. */
  readonly broken: readonly BrokenInstance[];
}

/** Instances that are compared at a time. */
const parallel = 4;

/**
 * Tells what differs from what was applied, and who changed it. Nothing is written.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND` `KUBE_INVALID` for ignore rules, and what every call may throw
 */
export async function findDrift(
  context: DeployContext,
  request: DriftRequest,
): Promise<DriftReport> {
  await using client = await openCluster(context, request);
  const namespace = request.namespace ?? client.connection.namespace;
  const { signal } = context;
  const options = { ignore: request.ignore, signal };
  if (request.name !== undefined) {
    const drift = await driftOfInstance(client, request.name, namespace, options);
    return { instances: [drift], broken: [] };
  }
  const { bundle } = request;
  const everywhere = bundle !== undefined && request.namespace === undefined;
  const allNamespaces = request.allNamespaces === true || everywhere;
  const listed = await listOnCluster(client, { namespace, allNamespaces, bundle, signal });
  const instances = await pMap(
    listed.instances,
    (instance) => driftOfInstance(client, instance.name, instance.namespace, options),
    { concurrency: parallel },
  );
  return { instances, broken: listed.broken };
}
