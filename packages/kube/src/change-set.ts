import type { ObjectRef } from "@tenon/core";

import type { FieldChange } from "./diff.ts";

/** What an apply did, or would do, to one object. */
export type Action = "created" | "configured" | "unchanged" | "deleted" | "skipped";

/** One line of a change set. */
export interface Change {
  /** The resource set that the object is in; absent for objects that left the instance. */
  readonly set?: string | undefined;
  readonly ref: ObjectRef;
  readonly action: Action;
  /** Why, where the action alone does not say it. */
  readonly reason?: string | undefined;
  /** The object is deleted and created anew because of fields that cannot change. */
  readonly recreated?: boolean | undefined;
  /** The fields that differ, for `created` and `configured`. Secret data is masked. */
  readonly fields: readonly FieldChange[];
}

/** All that one apply of an instance did or would do, in the order of apply. */
export interface ChangeSet {
  readonly instance: string;
  readonly namespace: string;
  /** The namespace does not exist and is made first. */
  readonly createsNamespace: boolean;
  readonly changes: readonly Change[];
  /** The instance record differs from what is desired, even if no object does. */
  readonly recordChanges: boolean;
}

/** Tells whether applying the change set would write anything. */
export function hasChanges(changeSet: ChangeSet): boolean {
  return (
    changeSet.createsNamespace ||
    changeSet.recordChanges ||
    changeSet.changes.some(({ action }) => action !== "unchanged" && action !== "skipped")
  );
}

/** How many objects each action concerns. */
export function countActions(changes: readonly Change[]): Record<Action, number> {
  const counts: Record<Action, number> = {
    created: 0,
    configured: 0,
    unchanged: 0,
    deleted: 0,
    skipped: 0,
  };
  for (const { action } of changes) counts[action]++;
  return counts;
}
