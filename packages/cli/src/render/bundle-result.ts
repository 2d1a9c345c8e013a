import { formatDuration, isTenonError, messageOf } from "@tenon/core";
import type { BundleReport, ClusterReport, Outcome, RemovedReport } from "@tenon/deploy";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { type SkipText, clusterData } from "./bundle-data.ts";
import { failuresOf } from "./bundle-failures.ts";
import { isNamed, placeText } from "./bundle-place.ts";
import { changeLines, summaryOf } from "./changes.ts";
import type { Paint } from "./paint.ts";
import { table } from "./table.ts";

/** How to show what became, or would become, of a bundle. */
export interface BundleView {
  /** Print the fields that differ. */
  readonly fields: boolean;
  /** Exit with 3 where there would be changes. */
  readonly exitCode: boolean;
}

/** The result of `bundle apply` and `bundle diff`. */
export async function bundleResult(
  report: BundleReport,
  view: BundleView,
  context: CommandContext,
): Promise<CommandResult> {
  const { hasChanges } = await import("@tenon/kube");
  const { isComplete, skipText } = await import("@tenon/deploy");
  const { paint } = context;
  const different = report.clusters.some(
    ({ instances, pruned, recordChanges }) =>
      recordChanges ||
      pruned.length > 0 ||
      instances.some(({ changeSet }) => changeSet !== undefined && hasChanges(changeSet)),
  );
  const lines = report.clusters.flatMap((cluster) => clusterLines(report, cluster, view, paint));
  const complete = isComplete(report);
  return {
    data: {
      bundle: report.bundle,
      dryRun: report.dryRun,
      complete,
      different: report.dryRun ? different : undefined,
      clusters: report.clusters.map((cluster) => clusterData(cluster, skipText)),
    },
    text: [...lines, summaryTable(report, skipText)].join("\n"),
    failures: failuresOf(report, context.errPaint),
    exitCode: !complete ? 1 : report.dryRun && view.exitCode && different ? 3 : 0,
  };
}

function clusterLines(
  { bundle, dryRun }: BundleReport,
  { cluster, instances, pruned }: ClusterReport,
  view: BundleView,
  paint: Paint,
): string[] {
  const suffix = dryRun ? paint.dim(" (server dry run)") : "";
  const changed = { suffix, fields: view.fields };
  return [...instances, ...pruned].flatMap((instance) => {
    const prefix = placeText({ bundle, cluster, instance: instance.name }, paint);
    const { changes } = instance;
    const creates = "changeSet" in instance && instance.changeSet?.createsNamespace === true;
    const lines = [
      ...(creates
        ? [`${paint.cyan(`Namespace/${instance.namespace}`)} ${paint.green("created")}${suffix}`]
        : []),
      // What stays as it is is counted below.
      ...changeLines(
        changes.filter(({ action }) => action !== "unchanged"),
        changed,
        paint,
      ),
    ];
    return lines.map((line) => `${prefix} ${line}`);
  });
}

function summaryTable(report: BundleReport, skipText: SkipText): string {
  const named = report.clusters.some(({ cluster }) => isNamed(cluster));
  const rows = report.clusters.flatMap(({ cluster, instances, pruned, error }) => {
    const place = named ? [cluster] : [];
    return [
      ...instances.map((instance) => [
        ...place,
        instance.name,
        instance.namespace,
        instance.module.version,
        summaryOf(instance.changes),
        timeOf(instance.milliseconds),
        resultOf(instance.outcome, report.dryRun ? "planned" : "applied", skipText),
      ]),
      ...removedRows(
        pruned,
        { place, dryRun: report.dryRun, verb: "pruned", module: true },
        skipText,
      ),
      ...(error !== undefined && instances.length === 0
        ? [[...place, "-", "-", "-", "-", "-", `failed: ${codeOf(error)}`]]
        : []),
    ];
  });
  const header = [...(named ? ["CLUSTER"] : []), "INSTANCE", "NAMESPACE", "VERSION", "CHANGES"];
  return table([...header, "TIME", "RESULT"], rows);
}

/** The rows of instances that are deleted. */
export function removedRows(
  removed: readonly RemovedReport[],
  view: {
    readonly place: readonly string[];
    readonly dryRun: boolean;
    readonly verb: string;
    /** There is a column for the version of the module. */
    readonly module: boolean;
  },
  skipText: SkipText,
): string[][] {
  return removed.map(({ name, namespace, changes, milliseconds, outcome, reason }) => [
    ...view.place,
    name,
    namespace,
    ...(view.module ? ["-"] : []),
    summaryOf(changes),
    timeOf(milliseconds),
    reason === undefined
      ? resultOf(outcome, view.dryRun ? `to be ${view.verb}` : view.verb, skipText)
      : `left alone: ${reason}`,
  ]);
}

function resultOf(outcome: Outcome, done: string, skipText: SkipText): string {
  switch (outcome.state) {
    case "done":
      return done;
    case "failed":
      return `failed: ${codeOf(outcome.error)}`;
    case "skipped":
      return outcome.because.type === "lane"
        ? `skipped: ${codeOf(outcome.because.error)}`
        : `skipped: ${skipText(outcome.because)}`;
  }
}

function codeOf(error: unknown): string {
  return isTenonError(error) ? error.code : messageOf(error);
}

function timeOf(milliseconds: number): string {
  return milliseconds === 0 ? "-" : formatDuration(milliseconds);
}
