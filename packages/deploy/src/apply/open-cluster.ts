import {
  createKubeClient,
  loadKubeConfig,
  type KubeClient,
  type LoadKubeConfigOptions,
} from "@tenon/kube";

import type { DeployContext } from "../context.ts";

/** Which cluster and namespace a use case is about. */
export interface ClusterRequest {
  readonly cluster?: Omit<LoadKubeConfigOptions, "env"> | undefined;
  /** The namespace of the kubeconfig's context unless given. */
  readonly namespace?: string | undefined;
}

/**
 * Finds the cluster as kubectl does. Dispose the client to free its connections.
 *
 * @throws KubeError `KUBE_CONFIG_NOT_FOUND`, `KUBE_CONFIG_INVALID`, `KUBE_CONTEXT_UNKNOWN`
 */
export async function openCluster(
  context: DeployContext,
  request: ClusterRequest,
): Promise<KubeClient> {
  return createKubeClient(await loadKubeConfig({ ...request.cluster, env: context.env }));
}
