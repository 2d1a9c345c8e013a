import { type ObjectRef, groupOf } from "@tenon/core";

import type { FieldChange } from "./diff.ts";

/**
 * Fields that the API server does not let change, by `Kind.group`. Which they are is in the validation
 * of updates in Kubernetes.
 *
 * @see https://github.com/kubernetes/kubernetes/tree/master/pkg/apis (validation.go of each group)
 */
const immutable: Readonly<Record<string, RegExp>> = {
  "Deployment.apps": /^spec\.selector\b/,
  "DaemonSet.apps": /^spec\.selector\b/,
  "ReplicaSet.apps": /^spec\.selector\b/,
  "StatefulSet.apps":
    /^spec\.(?!(replicas|ordinals|template|updateStrategy|revisionHistoryLimit|minReadySeconds|persistentVolumeClaimRetentionPolicy)\b)/,
  "ControllerRevision.apps": /^data\b/,
  "Job.batch":
    /^spec\.(template|selector|completions|completionMode|manualSelector|podFailurePolicy|successPolicy|backoffLimitPerIndex|managedBy)\b/,
  "Pod.":
    /^spec\.(?!((initC|c)ontainers\[[^\]]*\]\.image|activeDeadlineSeconds|tolerations|schedulingGates)\b)/,
  "Service.": /^spec\.(clusterIP|clusterIPs)\b/,
  "PersistentVolumeClaim.": /^spec\.(?!(resources\.requests\.storage|volumeAttributesClassName)\b)/,
  "PersistentVolume.":
    /^spec\.(?!(capacity|accessModes|persistentVolumeReclaimPolicy|storageClassName|mountOptions|claimRef|volumeAttributesClassName)\b)/,
  "Secret.": /^type$/,
  "RoleBinding.rbac.authorization.k8s.io": /^roleRef\b/,
  "ClusterRoleBinding.rbac.authorization.k8s.io": /^roleRef\b/,
  "StorageClass.storage.k8s.io": /^(provisioner|parameters|reclaimPolicy|volumeBindingMode)\b/,
  "VolumeAttributesClass.storage.k8s.io": /^(driverName|parameters)\b/,
  "CSIDriver.storage.k8s.io": /^spec\.(attachRequired|volumeLifecycleModes)\b/,
  "PriorityClass.scheduling.k8s.io": /^(value|preemptionPolicy)$/,
  "RuntimeClass.node.k8s.io": /^handler$/,
  "IngressClass.networking.k8s.io": /^spec\.controller$/,
  "EndpointSlice.discovery.k8s.io": /^addressType$/,
  "ResourceClaim.resource.k8s.io": /^spec\b/,
  "ResourceClaimTemplate.resource.k8s.io": /^spec\b/,
  "CustomResourceDefinition.apiextensions.k8s.io": /^spec\.(group|scope|names\.(kind|plural))$/,
};

/** Kinds whose data cannot change once they are marked `immutable`. */
const sealable: ReadonlySet<string> = new Set(["ConfigMap.", "Secret."]);

/**
 * Tells whether the API server refuses a change of a field, so that the object has to be deleted and
 * created anew. Of custom resources it is not known.
 *
 * @param sealed the object was marked `immutable: true` before, as ConfigMaps and Secrets can be
 */
export function isImmutableChange(
  ref: Pick<ObjectRef, "apiVersion" | "kind">,
  { path }: FieldChange,
  { sealed = false }: { readonly sealed?: boolean } = {},
): boolean {
  const kind = `${ref.kind}.${groupOf(ref.apiVersion)}`;
  if (sealed && sealable.has(kind) && /^(data|binaryData|stringData|immutable)\b/.test(path)) {
    return true;
  }
  return immutable[kind]?.test(path) === true;
}
