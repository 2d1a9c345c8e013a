import type { ObjectRef } from "@tenon/core";

// Everything that Tenon leaves in a cluster is named in this file and nowhere else.

/** Field manager of every write. */
export const fieldManager = "tenon";

/** Label on every applied object: the instance that owns it. */
export const instanceLabel = "tenon.dev/instance";

/** Label on every applied object: the namespace of the instance that owns it. */
export const instanceNamespaceLabel = "tenon.dev/instance-namespace";

/** Label on record Secrets: `instance`, or `part` for the continuation of a large record. */
export const recordLabel = "tenon.dev/record";

/** Label on record Secrets: the bundle that the instance belongs to. */
export const bundleLabel = "tenon.dev/bundle";

/** `type` of the Secret that holds an instance record. */
export const recordType = "tenon.dev/instance";

/** `type` of the Secrets that continue a large record. */
export const recordPartType = "tenon.dev/instance-part";

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

/** Name of a continuation Secret; the digest makes it unique for its content. */
export function recordPartName(instance: string, digestHex: string): string {
  return `tenon.${instance}.part-${digestHex.slice(0, 20)}`;
}

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

/** Labels of the record Secret. */
export function recordLabels(
  instance: string,
  role: "instance" | "part",
  bundle: string | undefined,
): Record<string, string> {
  return {
    "app.kubernetes.io/name": instance,
    "app.kubernetes.io/component": "instance",
    "app.kubernetes.io/managed-by": "tenon",
    [recordLabel]: role,
    ...(bundle === undefined ? {} : { [bundleLabel]: bundle }),
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
