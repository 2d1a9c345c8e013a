import { hasCode, messageOf, printable } from "@tenon/core";
import type { BundleStatus, ClusterBundleStatus, MemberStatus } from "@tenon/deploy";
import type { TreeNode } from "@tenon/kube";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { errorData, failuresOf } from "./bundle-failures.ts";
import { placeText } from "./bundle-place.ts";
import type { Paint } from "./paint.ts";
import { ageOf, objectTreeLines } from "./status-tree.ts";

/** The result of `bundle status`: a tree from the bundle to its objects. */
export function bundleStatusResult(status: BundleStatus, context: CommandContext): CommandResult {
  const { paint } = context;
  const lines = status.clusters.flatMap((cluster) => [
    ...clusterLines(status.bundle, cluster, paint),
    ...cluster.instances.flatMap((instance, index) =>
      instanceLines(
        instance,
        { last: index === cluster.instances.length - 1, now: cluster.now },
        paint,
      ),
    ),
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
  const health = healthy
    ? paint.green("ready")
    : paint.yellow(state === "applied" ? "not ready" : state);
  const facts = [
    ...(record === undefined ? [] : [`revision ${record.revision}`]),
    ...appliedText(record?.applied?.at, now),
  ];
  const pending = record?.pending;
  return [
    [placeText({ bundle, cluster }, paint), health, paint.dim(facts.join(", "))]
      .filter((part) => part !== "")
      .join(" "),
    ...(pending === undefined
      ? []
      : [
          `│  ${paint.yellow(`${pending.operation} since ${pending.since}`)}${holderText(summary)}`,
        ]),
    ...failureLines(pending?.error, paint).map((line) => `│  ${line}`),
  ];
}

function instanceLines(
  member: MemberStatus,
  at: { readonly last: boolean; readonly now: number },
  paint: Paint,
): string[] {
  const { name, namespace, status, error, healthy } = member;
  const instance = status?.instance;
  const state = instance?.state ?? (isMissing(error) ? "missing" : "unreadable");
  const health = healthy
    ? paint.green("ready")
    : paint.yellow(state === "applied" ? "not ready" : state);
  const facts = [
    `in ${namespace}`,
    ...(instance === undefined
      ? []
      : [`module ${instance.module.version}`, `revision ${instance.revision}`]),
    ...appliedText(instance?.lastApplied, at.now),
  ];
  const below = at.last ? "   " : "│  ";
  const objects = status?.objects ?? [];
  return [
    `${at.last ? "└─" : "├─"} ${paint.cyan(`i:${name}`)} ${health} ${paint.dim(facts.join(", "))}`,
    ...failureLines(instance?.error, paint).map((line) => `${below}${line}`),
    ...(error === undefined || isMissing(error)
      ? []
      : [`${below}${paint.red(printable(messageOf(error)))}`]),
    ...objects.flatMap((object, index) => {
      const last = index === objects.length - 1;
      const [first, ...rest] = objectTreeLines(object, { now: at.now }, paint);
      return [
        `${below}${last ? "└─" : "├─"} ${first}`,
        ...rest.map((line) => `${below}${last ? "   " : "│  "}${line}`),
      ];
    }),
  ];
}

function failureLines(
  error: { readonly code: string; readonly message: string } | undefined,
  paint: Paint,
): string[] {
  if (error === undefined) return [];
  return [`${paint.red("last error")} ${printable(error.message)} [${error.code}]`];
}

function holderText(summary: ClusterBundleStatus["summary"]): string {
  const holder = summary?.holder;
  if (holder === undefined) return ", nobody is at it";
  return `, process ${holder.pid} on ${printable(holder.host.split("/", 1)[0] ?? "")}`;
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

function nodeData({ ref, children, ...rest }: TreeNode): unknown {
  return { ...ref, ...rest, children: children.map(nodeData) };
}
