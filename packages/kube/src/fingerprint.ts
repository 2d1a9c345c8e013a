import { type KubeObjectView, digestHex, groupOf, identityOf, sha256 } from "@tenon/core";

import { isEqual } from "./diff.ts";
import { fieldManager } from "./identity.ts";
import type { InventoryEntry } from "./inventory.ts";
import { isObject } from "./json.ts";
import { type ManagedFields, managedFields } from "./live-object.ts";
import { ownedFields } from "./owned-fields.ts";
import type { PreparedObject } from "./prepare.ts";
import type { InstanceRecord } from "./record.ts";

/** What the record knows of the objects that the last apply left in their desired state. */
export type Fingerprints = ReadonlyMap<string, InventoryEntry>;

/** The fingerprints in a record, by identity. A run that did not end leaves none to go by. */
export function fingerprintsOf(record: InstanceRecord | undefined): Fingerprints {
  if (record?.applied === undefined || record.pending !== undefined) return new Map();
  return new Map(record.applied.inventory.map((entry) => [identityOf(entry), entry]));
}

/** Tells whether the same text was applied before, so that an untouched object needs no dry run. */
export function wasApplied(prints: Fingerprints, object: PreparedObject): boolean {
  const entry = prints.get(identityOf(object.ref));
  return entry?.fingerprint !== undefined && entry.applied === textDigest(object.json);
}

/** Tells whether nobody has touched a live object since its fingerprint was taken. */
export function isUntouched(
  prints: Fingerprints,
  object: PreparedObject,
  live: KubeObjectView,
): boolean {
  if (!wasApplied(prints, object)) return false;
  return prints.get(identityOf(object.ref))?.fingerprint === fingerprintOf(live);
}

/**
 * The inventory entry of an object that is in its desired state.
 *
 * @param reached the object as the server answered when it was applied, or found to be right
 * @param latest the object as last read; controllers have worked on it since
 */
export function fingerprintEntry(
  object: PreparedObject,
  reached: KubeObjectView,
  latest: KubeObjectView,
): Pick<InventoryEntry, "fingerprint" | "applied" | "state"> {
  const state = ownedFields(reached);
  if (!isSameState(reached, latest)) return { state };
  return { fingerprint: fingerprintOf(latest), applied: textDigest(object.json), state };
}

/** The digest of all that changes when someone touches an object, its status aside. */
export function fingerprintOf(view: KubeObjectView): string {
  const { metadata } = view;
  const managers = managedFields(view).filter(({ subresource }) => subresource !== "status");
  const ignored = statusOnlyKeys(view, managers);
  const keep = (field: "labels" | "annotations"): [string, string][] =>
    Object.entries(metadata[field] ?? {})
      .filter(([key]) => !ignored.has(`${field}/${key}`))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const facts = [
    metadata["uid"],
    // Kinds without a generation have hardly a status that would move their version.
    metadata["generation"] ?? metadata["resourceVersion"],
    metadata["ownerReferences"],
    metadata["finalizers"],
    metadata["deletionTimestamp"],
    keep("labels"),
    keep("annotations"),
    managers,
  ];
  return textDigest(JSON.stringify(facts, sorted));
}

/** Custom resources come with their members in another order than their metadata alone. */
function sorted(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Kinds whose status nobody waits for: their metadata tells all. */
const withoutStatus = new Set([
  "/ConfigMap",
  "/Secret",
  "/ServiceAccount",
  "/LimitRange",
  "rbac.authorization.k8s.io/Role",
  "rbac.authorization.k8s.io/RoleBinding",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "scheduling.k8s.io/PriorityClass",
  "storage.k8s.io/StorageClass",
]);

/** Tells whether the metadata of an object is enough to see that it is untouched and ready. */
export function metadataSuffices(object: PreparedObject): boolean {
  return withoutStatus.has(`${groupOf(object.ref.apiVersion)}/${object.ref.kind}`);
}

/** Nobody has changed what we applied between two readings; what controllers added does not count. */
function isSameState(reached: KubeObjectView, latest: KubeObjectView): boolean {
  if (reached.metadata["uid"] !== latest.metadata["uid"]) return false;
  if (reached.metadata["generation"] !== latest.metadata["generation"]) return false;
  return isEqual(ownFields(reached), ownFields(latest));
}

/** A field that another manager changes leaves the set of ours. */
function ownFields(view: KubeObjectView): unknown {
  return managedFields(view).find(
    ({ manager, operation }) => manager === fieldManager && operation === "Apply",
  )?.fieldsV1;
}

/** The Deployment controller writes annotations of its own together with the status. */
function statusOnlyKeys(view: KubeObjectView, others: readonly ManagedFields[]): Set<string> {
  const status = managedFields(view).filter(({ subresource }) => subresource === "status");
  const keys = new Set(status.flatMap(metadataKeys));
  for (const key of others.flatMap(metadataKeys)) keys.delete(key);
  return keys;
}

function metadataKeys({ fieldsV1 }: ManagedFields): string[] {
  const metadata = fieldsV1?.["f:metadata"] as Record<string, object | undefined> | undefined;
  return (["labels", "annotations"] as const).flatMap((field) =>
    Object.keys(metadata?.[`f:${field}`] ?? {})
      .filter((key) => key.startsWith("f:"))
      .map((key) => `${field}/${key.slice(2)}`),
  );
}

function textDigest(text: string): string {
  return digestHex(sha256(text)).slice(0, 32);
}
