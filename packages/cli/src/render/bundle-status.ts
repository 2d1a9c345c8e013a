import { hasCode, messageOf, printable } from "@tenon/core";
import type { BundleStatus, ClusterBundleStatus, MemberStatus } from "@tenon/deploy";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { errorData, failuresOf } from "./bundle-failures.ts";
import { placeText } from "./bundle-place.ts";
import type { Paint } from "./paint.ts";
import { ageOf, branches, holderText, nodeData, objectTreeLines } from "./status-tree.ts";

/** The result of `bundle status`: a tree from the bundle to its objects. */
export function bundleStatusResult(status: BundleStatus, context: CommandContext): CommandResult {
  const { paint } = context;
  const lines = status.clusters.flatMap((cluster) => [
    ...clusterLines(status.bundle, cluster, paint),
    ...branches(cluster.instances.map((instance) => instanceLines(instance, cluster, paint))),
  ]);
  const broken = status.clusters.some(({ error }) => error !== undefined);
  return {
    data: {
      bundle: status.bundle,
      healthy: status.healthy,
      clusters: status.clusters.map(clusterData),
    },
    text: lines.join("\n"),
    failures: failuresOf(
      {
        bundle: status.bundle,
        clusters: status.clusters.map(({ cluster, error }) => ({ cluster, error })),
      },
      context.errPaint,
    ),
    exitCode: broken ? 1 : status.healthy ? 0 : 3,
  };
}

function clusterLines(bundle: string, found: ClusterBundleStatus, paint: Paint): string[] {
  const { cluster, state, summary, healthy, now } = found;
  const record = summary?.record;
  const facts = [
    ...(record === undefined ? [] : [`revision ${record.revision}`]),
    ...appliedText(record?.applied?.at, now),
  ];
  const pending = record?.pending;
  const who = summary?.holder === undefined ? "nobody is at it" : holderText(summary.holder);
  return [
    [
      placeText({ bundle, cluster }, paint),
      healthText(healthy, state, paint),
      paint.dim(facts.join(", ")),
    ]
      .filter((part) => part !== "")
      .join(" "),
    ...(pending === undefined
      ? []
      : [`│  ${paint.yellow(`${pending.operation} since ${pending.since}`)}, ${who}`]),
    ...failureLines(pending?.error, paint).map((line) => `│  ${line}`),
  ];
}

function instanceLines(
  member: MemberStatus,
  { now }: { readonly now: number },
  paint: Paint,
): string[] {
  const { name, namespace, status, error, healthy } = member;
  const instance = status?.instance;
  const state = instance?.state ?? (isMissing(error) ? "missing" : "unreadable");
  const facts = [
    `in ${namespace}`,
    ...(instance === undefined
      ? []
      : [`module ${instance.module.version}`, `revision ${instance.revision}`]),
    ...appliedText(instance?.lastApplied, now),
  ];
  const objects = status?.objects ?? [];
  return [
    `${paint.cyan(`i:${name}`)} ${healthText(healthy, state, paint)} ${paint.dim(facts.join(", "))}`,
    ...failureLines(instance?.error, paint),
    ...(error === undefined || isMissing(error) ? [] : [paint.red(printable(messageOf(error)))]),
    ...branches(objects.map((object) => objectTreeLines(object, { now }, paint))),
  ];
}

function healthText(healthy: boolean, state: string, paint: Paint): string {
  if (healthy) return paint.green("ready");
  return paint.yellow(state === "applied" ? "not ready" : state);
}

function failureLines(
  error: { readonly code: string; readonly message: string } | undefined,
  paint: Paint,
): string[] {
  if (error === undefined) return [];
  return [`${paint.red("last error")} ${printable(error.message)} [${error.code}]`];
}

function appliedText(time: string | undefined, now: number): string[] {
  return time === undefined ? [] : [`applied ${ageOf(time, now)} ago`];
}

function isMissing(error: unknown): boolean {
  return hasCode(error, "KUBE_INSTANCE_NOT_FOUND");
}

function clusterData(found: ClusterBundleStatus): unknown {
  const { cluster, state, summary, instances, healthy, error } = found;
  const { revision, applied, pending } = summary?.record ?? {};
  return {
    cluster,
    state,
    healthy,
    error: errorData(error),
    revision,
    lastApplied: applied?.at,
    pending: pending && { ...pending, members: undefined },
    holder: summary?.holder,
    instances: instances.map(instanceData),
  };
}

function instanceData(member: MemberStatus): unknown {
  const { name, namespace, dependsOn, status, error, healthy } = member;
  const instance = status?.instance;
  return {
    name,
    namespace,
    dependsOn,
    healthy,
    state: instance?.state ?? (isMissing(error) ? "missing" : "unreadable"),
    error: errorData(error) ?? instance?.error,
    module: instance?.module,
    revision: instance?.revision,
    lastApplied: instance?.lastApplied,
    holder: instance?.holder,
    objects: status?.objects.map(nodeData),
  };
}
