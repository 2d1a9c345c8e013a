import type { Diagnostic } from "@tenon/core";
import type { Change, ChangeSet, RewrittenImage } from "@tenon/kube";

import type { Outcome } from "./schedule.ts";

/** What became, or would become, of a bundle on all clusters that were selected. */
export interface BundleReport {
  readonly bundle: string;
  readonly dryRun: boolean;
  readonly clusters: readonly ClusterReport[];
}

/** What became of a bundle on one cluster. */
export interface ClusterReport {
  /** `_default` when there is no runtime. */
  readonly cluster: string;
  readonly group: string;
  /** In the order of declaration. */
  readonly instances: readonly InstanceReport[];
  /** Instances that have left the bundle, in the order in which they go. */
  readonly pruned: readonly RemovedReport[];
  /** The record of the bundle says, or said, something else. */
  readonly recordChanges: boolean;
  /** Why nothing could be done on this cluster, or why the bundle could not be finished there. */
  readonly error?: unknown;
}

/** What became of one instance that is applied. */
export interface InstanceReport {
  readonly name: string;
  readonly namespace: string;
  /** Where its module comes from, as far as that is known. */
  readonly module: {
    readonly repository: string;
    readonly version: string;
    readonly name?: string | undefined;
    readonly digest?: string | undefined;
  };
  readonly outcome: Outcome;
  /** What was, or would be, done; absent when that did not come to its end. */
  readonly changeSet?: ChangeSet | undefined;
  /** All changes as far as they came. */
  readonly changes: readonly Change[];
  readonly warnings: readonly Diagnostic[];
  readonly rewrittenImages?: readonly RewrittenImage[] | undefined;
  readonly milliseconds: number;
}

/** What became of one instance that is deleted. */
export interface RemovedReport {
  readonly name: string;
  readonly namespace: string;
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
  /** Why it stays, or why there was nothing to do. */
  readonly reason?: string | undefined;
  readonly milliseconds: number;
}

/** Tells whether everything went well everywhere. */
export function isComplete(report: {
  readonly clusters: readonly Pick<ClusterReport, "error" | "instances" | "pruned">[];
}): boolean {
  return report.clusters.every(
    ({ error, instances, pruned }) =>
      error === undefined &&
      [...instances, ...pruned].every(({ outcome }) => outcome.state === "done"),
  );
}
