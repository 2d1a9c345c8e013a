import { type ObjectRef, groupOf } from "@tenon/core";

const first = [
  "CustomResourceDefinition",
  "Namespace",
  "ClusterRole",
  "ClusterClass",
  "RuntimeClass",
  "PriorityClass",
  "StorageClass",
  "VolumeSnapshotClass",
  "IngressClass",
  "GatewayClass",
  "ClusterRoleBinding",
  "ResourceQuota",
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ConfigMap",
  "Secret",
  "Service",
  "LimitRange",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
];
const last = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

const ranks = new Map<string, number>([
  ...first.map((kind, index): [string, number] => [kind, index]),
  ...last.map((kind, index): [string, number] => [kind, first.length + 1 + index]),
]);

/** Place of a kind in the order of apply; kinds that share a place do not depend on each other. */
export function rankOf(kind: string): number {
  return ranks.get(kind) ?? first.length;
}

/** Compares two references by the order in which they are applied. */
export function compareRefs(a: ObjectRef, b: ObjectRef): number {
  return (
    rankOf(a.kind) - rankOf(b.kind) ||
    compareText(groupOf(a.apiVersion), groupOf(b.apiVersion)) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace ?? "", b.namespace ?? "") ||
    compareText(a.name, b.name)
  );
}

/** The entries in the order in which they are applied, whatever order they came in. */
export function inApplyOrder<T>(entries: Iterable<T>, refOf: (entry: T) => ObjectRef): T[] {
  return [...entries].sort((a, b) => compareRefs(refOf(a), refOf(b)));
}

/** Splits entries that are in order where the kind changes: each run may be done in parallel. */
export function groupByKind<T>(entries: readonly T[], refOf: (entry: T) => ObjectRef): T[][] {
  const groups: T[][] = [];
  let previous: ObjectRef | undefined;
  for (const entry of entries) {
    const ref = refOf(entry);
    const same =
      previous?.kind === ref.kind && groupOf(previous.apiVersion) === groupOf(ref.apiVersion);
    if (same) groups.at(-1)!.push(entry);
    else groups.push([entry]);
    previous = ref;
  }
  return groups;
}

/** How far a stage must have come before the next one may start. */
export interface Stage<T> {
  readonly name: "definitions" | "classes" | "accounts" | "rest";
  /** The next stage needs what this one defines: wait for it in any case. */
  readonly blocking: boolean;
  readonly entries: readonly T[];
}

/** Splits the objects of one set into the stages in which they are applied. */
export function stagesOf<T>(entries: readonly T[], refOf: (entry: T) => ObjectRef): Stage<T>[] {
  const hasPods = entries.some((entry) => refOf(entry).kind === "Pod");
  const byName: Record<Stage<T>["name"], T[]> = {
    definitions: [],
    classes: [],
    accounts: [],
    rest: [],
  };
  for (const entry of inApplyOrder(entries, refOf))
    byName[stageOf(refOf(entry), hasPods)].push(entry);
  const stages: Stage<T>[] = [
    { name: "definitions", blocking: true, entries: byName.definitions },
    { name: "classes", blocking: true, entries: byName.classes },
    { name: "accounts", blocking: false, entries: byName.accounts },
    { name: "rest", blocking: false, entries: byName.rest },
  ];
  return stages.filter((stage) => stage.entries.length > 0);
}

function stageOf(ref: ObjectRef, hasPods: boolean): Stage<unknown>["name"] {
  const group = groupOf(ref.apiVersion);
  if (ref.kind === "CustomResourceDefinition" || ref.kind === "ClusterRole") return "definitions";
  if (ref.kind === "Namespace" && group === "") return "definitions";
  if (ref.kind.endsWith("Class")) return "classes";
  if (ref.kind === "Role" && group === "rbac.authorization.k8s.io") return "accounts";
  // The API server refuses a Pod, even in a dry run, when its service account does not exist.
  if (hasPods && ref.kind === "ServiceAccount" && group === "") return "accounts";
  return "rest";
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
