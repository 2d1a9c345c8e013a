import type { ApplyReport } from "@tenon/deploy";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { changeLines, changeSetData, summaryOf } from "./changes.ts";

/** How to show what an apply did, or would do. */
export interface ApplyView {
  readonly dryRun: boolean;
  readonly fields: boolean;
  /** Exit with 3 where there would be changes. */
  readonly exitCode: boolean;
}

/** The result of `apply`. */
export async function applyResult(
  report: ApplyReport,
  view: ApplyView,
  context: CommandContext,
): Promise<CommandResult> {
  const { hasChanges } = await import("@tenon/kube");
  const { changeSet } = report;
  const { changes, createsNamespace, namespace, instance } = changeSet;
  const { paint } = context;
  const suffix = view.dryRun ? paint.dim(" (server dry run)") : "";
  const lines = [
    ...(createsNamespace
      ? [`${paint.cyan(`Namespace/${namespace}`)} ${paint.green("created")}${suffix}`]
      : []),
    ...changeLines(changes, { suffix, fields: view.fields }, paint),
    `instance ${instance} in ${namespace}: ${summaryOf(changes)}${suffix}`,
  ];
  const different = view.dryRun && view.exitCode && hasChanges(changeSet);
  return {
    data: {
      ...changeSetData(changeSet),
      dryRun: report.dryRun,
      module: report.module,
      images: report.images,
      rewrittenImages: report.rewrittenImages,
    },
    text: lines.join("\n"),
    exitCode: different ? 3 : 0,
  };
}
