import type { KubernetesApi } from "./api-version.ts";
import type { ObjectProblem } from "./check-value.ts";

interface Deprecation {
  readonly since: string;
  readonly replacement?: string;
}

/** Kinds that are served, and that the API server warns of. */
const deprecations: Readonly<Record<string, Deprecation>> = {
  "v1 ComponentStatus": { since: "1.19" },
  "v1 Endpoints": { since: "1.33", replacement: "discovery.k8s.io/v1 EndpointSlice" },
};

/** The warning about a kind that is deprecated in a Kubernetes version. */
export function deprecationOf(
  apiVersion: string,
  kind: string,
  api: KubernetesApi,
): ObjectProblem[] {
  const found = deprecations[`${apiVersion} ${kind}`];
  if (found === undefined || api.isBefore(found.since)) return [];
  const { since, replacement } = found;
  const instead = replacement === undefined ? "" : `: use ${replacement}`;
  const message = `${kind} of ${apiVersion} is deprecated since Kubernetes ${since}${instead}`;
  return [{ path: ["kind"], message, isWarning: true }];
}
