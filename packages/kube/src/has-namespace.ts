import type { KubeClient } from "./client/kube-client.ts";
import { type CallOptions, getObject } from "./client/objects.ts";
import { namespaces } from "./create-namespace.ts";
import { isKubeError } from "./errors.ts";

/**
 * Tells whether a cluster has a namespace; nothing comes back for a user who may not look.
 *
 * @throws KubeError what every call may throw, but for `KUBE_FORBIDDEN`
 */
export async function hasNamespace(
  client: KubeClient,
  name: string,
  options: CallOptions = {},
): Promise<boolean | undefined> {
  const ref = { apiVersion: "v1", kind: "Namespace", name };
  try {
    return (await getObject(client, namespaces, ref, options)) !== undefined;
  } catch (error) {
    if (isKubeError(error, "KUBE_FORBIDDEN")) return undefined;
    throw error;
  }
}
