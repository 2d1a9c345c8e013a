import { leaveInstance as leaveOnCluster, type Leaving, type Receiver } from "@tenon/kube";

import type { InstanceRequest } from "../apply/instances.ts";
import { openCluster } from "../apply/open-cluster.ts";
import type { DeployContext } from "../context.ts";

/** Which instance to give away, and to whom. */
export interface LeaveRequest extends InstanceRequest {
  readonly to?: Receiver | undefined;
  readonly dryRun?: boolean | undefined;
}

/**
 * Gives an instance away and forgets it; its objects stay as they are.
 *
 * @throws KubeError as `leaveInstance` of @tenon/kube
 */
export async function leaveInstance(
  context: DeployContext,
  request: LeaveRequest,
): Promise<Leaving> {
  await using client = await openCluster(context, request);
  const namespace = request.namespace ?? client.connection.namespace;
  const { to, dryRun } = request;
  const { signal, onEvent } = context;
  return leaveOnCluster(client, request.name, namespace, { to, dryRun, signal, onEvent });
}
