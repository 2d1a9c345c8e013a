import type { DeleteBundleReport } from "@tenon/deploy";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { removedData } from "./bundle-data.ts";
import { errorData, failuresOf } from "./bundle-failures.ts";
import { isNamed, placeText } from "./bundle-place.ts";
import { removedRows } from "./bundle-result.ts";
import { changeLines } from "./changes.ts";
import { table } from "./table.ts";

/** The result of `bundle delete`. */
export async function bundleDeletion(
  report: DeleteBundleReport,
  context: CommandContext,
): Promise<CommandResult> {
  const { skipText } = await import("@tenon/deploy");
  const { bundle, dryRun, clusters } = report;
  const { paint } = context;
  const suffix = dryRun ? " (dry run)" : "";
  const lines = clusters.flatMap(({ cluster, removed }) =>
    removed.flatMap(({ name, changes }) => {
      const prefix = placeText({ bundle, cluster, instance: name }, paint);
      const view = { suffix, fields: false };
      return changeLines(changes, view, paint).map((line) => `${prefix} ${line}`);
    }),
  );
  const named = clusters.some(({ cluster }) => isNamed(cluster));
  const rows = clusters.flatMap(({ cluster, removed }) => {
    const view = { place: named ? [cluster] : [], dryRun, verb: "deleted", module: false };
    return removedRows(removed, view, skipText);
  });
  const header = [...(named ? ["CLUSTER"] : []), "INSTANCE", "NAMESPACE", "CHANGES"];
  const complete = clusters.every(
    ({ error, removed }) =>
      error === undefined && removed.every(({ outcome }) => outcome.state === "done"),
  );
  return {
    data: {
      bundle,
      dryRun,
      complete,
      clusters: clusters.map(({ cluster, found, removed, error }) => ({
        cluster,
        found,
        error: errorData(error),
        instances: removed.map((instance) => removedData(instance, skipText)),
      })),
    },
    text: [...lines, table([...header, "TIME", "RESULT"], rows)].join("\n"),
    failures: failuresOf(report, context.errPaint),
    exitCode: complete ? 0 : 1,
  };
}
