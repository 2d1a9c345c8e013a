import {
  deleteInstance as deleteFromCluster,
  getInstance,
  instanceStatus as statusOnCluster,
  listInstances as listOnCluster,
  type Change,
  type Instance,
  type InstanceStatus,
} from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { recordedChecks } from "../health/recorded-checks.ts";
import { openCluster, type ClusterRequest } from "./open-cluster.ts";

/** One instance of a cluster. */
export interface InstanceRequest extends ClusterRequest {
  readonly name: string;
}

/**
 * Deletes an instance with all its objects, in reverse order.
 *
 * @throws KubeError as `deleteInstance` of @tenon/kube
 */
export async function deleteInstance(
  context: DeployContext,
  request: InstanceRequest & {
    readonly dryRun?: boolean | undefined;
    readonly wait?: boolean | undefined;
    readonly timeoutMs?: number | undefined;
  },
): Promise<{ namespace: string; changes: Change[] }> {
  await using client = await openCluster(context, request);
  const namespace = request.namespace ?? client.connection.namespace;
  const { dryRun, wait, timeoutMs } = request;
  const { signal, onEvent } = context;
  const options = { dryRun, wait, timeoutMs, signal, onEvent };
  return { namespace, changes: await deleteFromCluster(client, request.name, namespace, options) };
}

/**
 * Lists the instances of a namespace, or of all.
 *
 * @throws KubeError as `listInstances` of @tenon/kube
 */
export async function listInstances(
  context: DeployContext,
  request: ClusterRequest & { readonly allNamespaces?: boolean | undefined },
): Promise<Awaited<ReturnType<typeof listOnCluster>>> {
  await using client = await openCluster(context, request);
  const { namespace, allNamespaces } = request;
  return listOnCluster(client, { namespace, allNamespaces, signal: context.signal });
}

/**
 * The state of an instance and of each of its objects, as the cluster has them now.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND` and what every call may throw
 */
export async function instanceStatus(
  context: DeployContext,
  request: InstanceRequest,
): Promise<InstanceStatus> {
  await using client = await openCluster(context, request);
  const namespace = request.namespace ?? client.connection.namespace;
  const { signal } = context;
  const { record } = await getInstance(client, request.name, namespace, { signal });
  const healthChecks = recordedChecks(context, record);
  return statusOnCluster(client, request.name, namespace, { healthChecks, signal });
}

/**
 * What the record of an instance holds: module, values, images, inventory.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND` and what every call may throw
 */
export async function inspectInstance(
  context: DeployContext,
  request: InstanceRequest,
): Promise<Instance> {
  await using client = await openCluster(context, request);
  const namespace = request.namespace ?? client.connection.namespace;
  return getInstance(client, request.name, namespace, { signal: context.signal });
}
