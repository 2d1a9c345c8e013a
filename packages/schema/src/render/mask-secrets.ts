import { kubeObject, setMember, type KubeObject } from "@tenon/core";

const mask = '"***"';
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** A copy of a Secret with its values hidden; other objects come back as they are. */
export function maskSecrets(object: KubeObject): KubeObject {
  const { view } = object;
  if (view.kind.toLowerCase() !== "secret" || view.apiVersion !== "v1") return object;
  let json = object.json;
  for (const field of ["data", "stringData"]) {
    const values = view[field];
    if (values === undefined) continue;
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      json = setMember(json, [field], mask);
      continue;
    }
    for (const key of Object.keys(values)) json = setMember(json, [field, key], mask);
  }
  if (view.metadata.annotations?.[lastApplied] !== undefined) {
    json = setMember(json, ["metadata", "annotations", lastApplied], mask);
  }
  return kubeObject(json);
}
