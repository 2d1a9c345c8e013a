import type { KubeClient } from "../client/kube-client.ts";
import type { CallOptions } from "../client/objects.ts";
import { isKubeError } from "../errors.ts";

/** Who the cluster takes the caller for. */
export interface ClusterUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/**
 * Asks the cluster who the caller is; nothing comes back from clusters that do not tell.
 *
 * @throws KubeError `KUBE_UNAUTHORIZED` and what every call may throw
 */
export async function whoAmI(
  client: KubeClient,
  options: CallOptions = {},
): Promise<ClusterUser | undefined> {
  const apiVersion = "authentication.k8s.io/v1";
  try {
    const answer = await client.request({
      method: "POST",
      path: `/apis/${apiVersion}/selfsubjectreviews`,
      body: JSON.stringify({ apiVersion, kind: "SelfSubjectReview" }),
      action: "ask who the user is",
      idempotent: true,
      ...options,
    });
    const { status } = JSON.parse(answer.text) as {
      status?: { userInfo?: { username?: string; groups?: string[] } };
    };
    const { username, groups = [] } = status?.userInfo ?? {};
    return username === undefined ? undefined : { name: username, groups };
  } catch (error) {
    // Kubernetes before 1.28 does not serve it.
    if (isKubeError(error, "KUBE_KIND_UNKNOWN", "KUBE_NOT_FOUND", "KUBE_FORBIDDEN"))
      return undefined;
    throw error;
  }
}
