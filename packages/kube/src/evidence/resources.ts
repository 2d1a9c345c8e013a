import type { ApiResource } from "../client/api-resource.ts";

/** The kinds that explain others; every server has them. */
export const podResource: ApiResource = resource("", "Pod", "pods");
export const eventResource: ApiResource = resource("", "Event", "events");
export const claimResource: ApiResource = resource(
  "",
  "PersistentVolumeClaim",
  "persistentvolumeclaims",
);
export const replicaSetResource: ApiResource = resource("apps", "ReplicaSet", "replicasets");
export const jobResource: ApiResource = resource("batch", "Job", "jobs");

function resource(group: string, kind: string, plural: string): ApiResource {
  return { group, version: "v1", kind, plural, namespaced: true, verbs: [] };
}
