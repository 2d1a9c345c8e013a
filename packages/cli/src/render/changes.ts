import { formatRef, printable } from "@tenon/core";
import type { Action, Change, ChangeSet, FieldChange } from "@tenon/kube";

import { fieldLines } from "./field-changes.ts";
import type { Paint } from "./paint.ts";

/** Which parts of a change set to print. */
export interface ChangesView {
  /** What stands behind each line: ` (server dry run)`. */
  readonly suffix: string;
  /** Print the fields that differ. */
  readonly fields: boolean;
}

/** `Kind/namespace/name action`, with the reason where there is one. */
export function changeLine(change: Change, paint: Paint): string {
  const action = colourOf(change.action, paint)(change.action);
  const recreated = change.recreated ? " (recreated)" : "";
  const reason = change.reason === undefined ? "" : ` (${printable(change.reason)})`;
  return `${paint.cyan(formatRef(change.ref))} ${action}${recreated}${reason}`;
}

/** A line for each change, and below it the fields that differ where they are asked for. */
export function changeLines(changes: readonly Change[], view: ChangesView, paint: Paint): string[] {
  return changes.flatMap((change) => [
    `${changeLine(change, paint)}${view.suffix}`,
    ...(view.fields && change.action === "configured" ? indented(change.fields, paint) : []),
  ]);
}

/** `2 created, 1 configured, 4 unchanged`. */
export function summaryOf(changes: readonly Change[]): string {
  const counts = new Map<Action, number>();
  for (const { action } of changes) counts.set(action, (counts.get(action) ?? 0) + 1);
  const order: readonly Action[] = ["created", "configured", "deleted", "unchanged", "skipped"];
  const parts = order
    .filter((action) => counts.has(action))
    .map((action) => `${counts.get(action)} ${action}`);
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

/** A change as JSON and YAML show it. */
export function changeData(change: Change): Record<string, unknown> {
  const { ref, action, set, reason, recreated, fields } = change;
  return { ...ref, action, set, reason, recreated, fields };
}

/** A change set as JSON and YAML show it. */
export function changeSetData(changeSet: ChangeSet): Record<string, unknown> {
  const { instance, namespace, createsNamespace, changes, recordChanges } = changeSet;
  return { instance, namespace, createsNamespace, recordChanges, changes: changes.map(changeData) };
}

function indented(fields: readonly FieldChange[], paint: Paint): string[] {
  return fields.flatMap((field) => fieldLines(field, paint)).map((line) => `  ${line}`);
}

function colourOf(action: Action, paint: Paint): (text: string) => string {
  switch (action) {
    case "created":
      return paint.green;
    case "configured":
      return paint.cyan;
    case "deleted":
      return paint.red;
    case "unchanged":
    case "skipped":
      return paint.dim;
  }
}
