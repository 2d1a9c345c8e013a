import { type ObjectRef, identityOf } from "@tenon/core";

import { inApplyOrder } from "./order.ts";
import type { PreparedSet } from "./prepare.ts";
import type { InstanceRecord } from "./record.ts";

/** One object that an instance owns. */
export interface InventoryEntry extends ObjectRef {
  /** What the object looked like when it was last in the desired state. */
  readonly fingerprint?: string | undefined;
  /** Digest of the text that was last applied. */
  readonly applied?: string | undefined;
  /** What the server made of the fields that were applied, as `OwnedFields`. */
  readonly state?: unknown;
}

/** The inventory that an instance will have: every object of every set, in apply order. */
export function inventoryOf(sets: readonly PreparedSet[]): InventoryEntry[] {
  const refs = sets.flatMap((set) => set.objects.map((object) => object.ref));
  return inApplyOrder(refs, (ref) => ref).map(plainRef);
}

/** The entries of several inventories, each object once, the first mention winning. */
export function unionOf(...inventories: readonly (readonly InventoryEntry[])[]): InventoryEntry[] {
  const byIdentity = new Map<string, InventoryEntry>();
  for (const entry of inventories.flat()) {
    const id = identityOf(entry);
    if (!byIdentity.has(id)) byIdentity.set(id, entry);
  }
  return inApplyOrder(byIdentity.values(), (entry) => entry);
}

/** The entries of one inventory that another does not have. */
export function without(
  inventory: readonly InventoryEntry[],
  other: readonly ObjectRef[],
): InventoryEntry[] {
  const kept = new Set(other.map((ref) => identityOf(ref)));
  return inventory.filter((entry) => !kept.has(identityOf(entry)));
}

/** What an instance had, or was on its way to have, and is to have no longer. */
export function staleEntries(
  record: InstanceRecord | undefined,
  desired: readonly ObjectRef[],
): InventoryEntry[] {
  return without(ownedBy(record), desired);
}

/** All that an instance has, or was on its way to have. */
export function ownedBy(record: InstanceRecord | undefined): InventoryEntry[] {
  return unionOf(record?.applied?.inventory ?? [], record?.pending?.inventory ?? []);
}

/** A reference with its own fields alone, namespace left out where there is none. */
export function plainRef(ref: ObjectRef): ObjectRef {
  const { apiVersion, kind, namespace, name } = ref;
  return namespace ? { apiVersion, kind, namespace, name } : { apiVersion, kind, name };
}
