import { type ObjectRef, digestHex, sha256 } from "@tenon/core";

// Everything that Tenon leaves in a cluster is named in this file and nowhere else.

/** Field manager of every write. */
export const fieldManager = "tenon";

/**
 * Field manager that stands in an object left to nobody, if nobody else does: the API server would
 * hold the fields of an object without managers against the next that applies them.
 */
export const leftManager = "tenon-left";

/** An annotation that is never set: all that {@link leftManager} has. */
export const leftAnnotation = "tenon.dev/left";

/** Label on every applied object: the instance that owns it. */
export const instanceLabel = "tenon.dev/instance";

/** Label on every applied object: the namespace of the instance that owns it. */
export const instanceNamespaceLabel = "tenon.dev/instance-namespace";

/**
 * Label on record Secrets: `instance` or `bundle`; `part` and `bundle-part` for the continuation of a
 * large record.
 */
export const recordLabel = "tenon.dev/record";

/** Label on record Secrets: the bundle that the instance belongs to. */
export const bundleLabel = "tenon.dev/bundle";

/** `type` of the Secret that holds an instance record. */
export const recordType = "tenon.dev/instance";

/** `type` of the Secrets that continue a large record. */
export const recordPartType = "tenon.dev/instance-part";

/** `type` of the Secret that holds a bundle record. */
export const bundleRecordType = "tenon.dev/bundle";

/** `type` of the Secrets that continue a large bundle record. */
export const bundleRecordPartType = "tenon.dev/bundle-part";

/** Label on bundle records: the cluster, as the runtime names it, that the record is about. */
export const clusterLabel = "tenon.dev/cluster";

/** Keys of the record Secret. */
export const recordKeys = {
  /** The record, or its list of parts. */
  record: "record",
  /** `json`, `gzip` or `parts`. */
  encoding: "encoding",
  /** Who is changing the instance right now; absent when nobody is. */
  holder: "holder",
} as const;

/** Prefix of the actions that module authors set on objects; the format is Timoni's. */
export const actionPrefix = "action.timoni.sh/";

/** Label and type by which Timoni's records are recognised. */
export const timoniRecordType = "timoni.sh/instance";

/** Name of the record Secret of an instance. */
export function recordName(instance: string): string {
  return `tenon.${instance}`;
}

/**
 * Name of the record Secret of a bundle. Names of bundles and clusters may have underscores, which
 * names of Secrets may not: a digest keeps those apart.
 */
export function bundleRecordName(bundle: string, cluster: string | undefined): string {
  if (cluster === undefined && /^[a-z0-9.-]+$/.test(bundle)) return `tenon-bundle.${bundle}`;
  const suffix = digestHex(sha256(`${bundle}/${cluster ?? ""}`)).slice(0, 8);
  return `tenon-bundle.${bundle.toLowerCase().replaceAll("_", "-")}.${suffix}`;
}

/** Name of a continuation Secret; the digest makes it unique for its content. */
export function recordPartName(record: string, partDigestHex: string): string {
  return `${record}.part-${partDigestHex.slice(0, 20)}`;
}

/** Labels that Timoni sets on what it applies: name and namespace of the instance. */
export const timoniOwnerLabels = [
  "instance.timoni.sh/name",
  "instance.timoni.sh/namespace",
] as const;

/** Label on Timoni's records: the bundle that the instance belongs to. */
export const timoniBundleLabel = "bundle.timoni.sh/name";

/** Annotations that Helm sets on what it installs: name and namespace of the release. */
export const helmReleaseAnnotations = [
  "meta.helm.sh/release-name",
  "meta.helm.sh/release-namespace",
] as const;

/** `type` of the Secrets in which Helm keeps the revisions of a release. */
export const helmReleaseType = "helm.sh/release.v1";

/** Labels that the controllers of Flux set on what they apply: name and namespace of the owner. */
export const fluxOwnerLabels = {
  kustomization: ["kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace"],
  helmRelease: ["helm.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/namespace"],
} as const;

/** Annotation in which `kubectl apply` keeps what it was given. */
export const kubectlLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** Name of the Secret in which Timoni records an instance. */
export function timoniRecordName(instance: string): string {
  return `timoni.${instance}`;
}

/** The labels that mark an object as owned by an instance. */
export function ownerLabels(instance: string, namespace: string): Record<string, string> {
  return { [instanceLabel]: instance, [instanceNamespaceLabel]: namespace };
}

/** Label selector for all objects of one instance. */
export function ownerSelector(instance: string, namespace: string): string {
  return `${instanceLabel}=${instance},${instanceNamespaceLabel}=${namespace}`;
}

/** Labels of a record Secret. */
export function recordLabels(
  name: string,
  role: "instance" | "part" | "bundle" | "bundle-part",
  more: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const given = Object.entries(more).filter((entry): entry is [string, string] => !!entry[1]);
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": role.startsWith("bundle") ? "bundle" : "instance",
    "app.kubernetes.io/managed-by": "tenon",
    [recordLabel]: role,
    ...Object.fromEntries(given),
  };
}

/** Labels of a namespace that was made because an instance needed it. */
export const namespaceLabels: Readonly<Record<string, string>> = {
  "app.kubernetes.io/created-by": "tenon",
};

/** Reference of the record Secret of an instance. */
export function recordRef(instance: string, namespace: string): ObjectRef {
  return { apiVersion: "v1", kind: "Secret", namespace, name: recordName(instance) };
}
