import { type KubeObjectView, identityOf } from "@tenon/core";

import type { FieldConflict } from "./client/api-error.ts";
import { managedFields } from "./live-object.ts";
import { type OwnedFields, ownedPaths } from "./owned-fields.ts";
import type { PreparedObject } from "./prepare.ts";
import type { Run } from "./run.ts";

/** Programs with which people change objects by hand. Controllers and other appliers are none. */
const byHand = /^(kubectl|k9s|lens|openlens|freelens|headlamp)\b/i;

/**
 * Tells whether all conflicts are about fields that we had applied and that somebody has changed by
 * hand since: those are drift, and repaired. Fields that another tool applies, or that were never
 * ours, are not taken.
 */
export function isHandEdited(
  run: Run,
  object: PreparedObject,
  from: { readonly live: KubeObjectView; readonly conflicts: readonly FieldConflict[] },
): boolean {
  const { live, conflicts } = from;
  const id = identityOf(object.ref);
  const inventory = run.stored?.record.applied?.inventory ?? [];
  const state = inventory.find((entry) => identityOf(entry) === id)?.state;
  if (state === undefined || conflicts.length === 0) return false;
  const owned = new Set(ownedPaths(state as OwnedFields));
  const editors = new Set(
    managedFields(live)
      .filter(({ manager = "", operation }) => operation === "Update" && byHand.test(manager))
      .map(({ manager }) => manager),
  );
  return conflicts.every(({ field, manager }) => owned.has(field) && editors.has(manager));
}
