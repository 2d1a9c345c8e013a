import { mapBounded } from "../bounded.ts";
import type { KubeClient } from "../client/kube-client.ts";
import type { CallOptions } from "../client/objects.ts";
import type { Access } from "./access.ts";

/** A right with what the cluster says about it. */
export interface ReviewedAccess<A extends Access> {
  readonly need: A;
  readonly allowed: boolean;
  /** Why not, where the authorizer says so. */
  readonly reason?: string | undefined;
}

/**
 * Asks the cluster whether the user has rights. Nothing is changed.
 *
 * @throws KubeError `KUBE_FORBIDDEN` where users may not even ask
 */
export function reviewAccess<A extends Access>(
  client: KubeClient,
  needs: readonly A[],
  options: CallOptions = {},
): Promise<ReviewedAccess<A>[]> {
  return mapBounded(needs, (need) => review(client, need, options), options.signal);
}

async function review<A extends Access>(
  client: KubeClient,
  need: A,
  options: CallOptions,
): Promise<ReviewedAccess<A>> {
  const { verb, group, namespace } = need;
  const [resource, subresource] = need.resource.split("/");
  const resourceAttributes = { verb, group, resource, subresource, namespace };
  const answer = await client.request({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    body: JSON.stringify({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    }),
    action: "ask what the user may do",
    idempotent: true,
    ...options,
  });
  const { status } = JSON.parse(answer.text) as {
    status?: { allowed?: boolean; reason?: string; evaluationError?: string };
  };
  const reason = status?.evaluationError ?? status?.reason;
  return { need, allowed: status?.allowed === true, ...(reason ? { reason } : {}) };
}
