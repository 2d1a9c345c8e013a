import type { KubeObjectView } from "@tenon/core";

/** How far an object has come towards its spec; the words are kstatus'. */
export type StatusName =
  | "Current"
  | "InProgress"
  | "Failed"
  | "Terminating"
  | "NotFound"
  | "Unknown";

/** The status of one object, with the reason in words. */
export interface ObjectStatus {
  readonly status: StatusName;
  readonly message: string;
}

/** A condition in `status.conditions`. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** The conditions of an object; none where a custom resource keeps something else under that name. */
export function conditionsOf(view: KubeObjectView): readonly Condition[] {
  const status = view["status"] as { readonly conditions?: unknown } | null | undefined;
  const conditions: unknown = status?.conditions;
  if (!Array.isArray(conditions)) return [];
  return conditions.filter((entry) => typeof entry === "object" && entry !== null);
}

/** Tells whether a condition is there and true. */
export function isTrue(view: KubeObjectView, type: string): boolean {
  return conditionsOf(view).some((entry) => entry.type === type && entry.status === "True");
}

/** A status that is reached. */
export function current(message: string): ObjectStatus {
  return { status: "Current", message };
}

/** A status on the way. */
export function inProgress(message: string): ObjectStatus {
  return { status: "InProgress", message };
}

/** A status that will not get better by waiting. */
export function failed(message: string): ObjectStatus {
  return { status: "Failed", message };
}
