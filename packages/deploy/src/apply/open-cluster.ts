import path from "node:path";

import {
  createKubeClient,
  loadKubeConfig,
  type KubeClient,
  type LoadKubeConfigOptions,
} from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { discoveryCache } from "./discovery-cache.ts";

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
  const connection = await loadKubeConfig({ ...request.cluster, env: context.env });
  const { cacheDir, onEvent } = context;
  const { server } = connection;
  return createKubeClient(connection, {
    ...(cacheDir !== undefined && {
      discoveryCache: discoveryCache(path.join(cacheDir, "discovery"), connection),
    }),
    onRetry: ({ action, reason, sinceMs }) =>
      onEvent?.({ type: "retrying", server, action, reason, sinceMs }),
  });
}
