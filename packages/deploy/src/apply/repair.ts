import { repairInstance as repairOnCluster, type Finding, type Repair } from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import type { InstanceRequest } from "./instances.ts";
import { openCluster } from "./open-cluster.ts";

/** Which instance to repair. */
export interface RepairRequest extends InstanceRequest {
  /** Only tell what is wrong. */
  readonly dryRun?: boolean | undefined;
  /** Asked before anything is written. */
  readonly confirm?: ((findings: readonly Finding[]) => Promise<boolean>) | undefined;
}

/**
 * Explains what is wrong with an instance, and mends what can be mended.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND` and what every call may throw
 */
export async function repairInstance(
  context: DeployContext,
  request: RepairRequest,
): Promise<Repair> {
  await using client = await openCluster(context, request);
  const namespace = request.namespace ?? client.connection.namespace;
  const { dryRun, confirm } = request;
  const options = { dryRun, confirm, signal: context.signal };
  return repairOnCluster(client, request.name, namespace, options);
}
