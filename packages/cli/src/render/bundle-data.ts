import type { ClusterReport, Outcome, RemovedReport, SkipReason } from "@tenon/deploy";

import { errorData } from "./bundle-failures.ts";
import { changeData } from "./changes.ts";

/** Says why an instance was not touched. */
export type SkipText = (because: SkipReason) => string;

/** What became of a bundle on one cluster, as JSON and YAML show it. */
export function clusterData(
  { cluster, group, instances, pruned, recordChanges, error }: ClusterReport,
  skipText: SkipText,
): unknown {
  return {
    cluster,
    group,
    recordChanges,
    error: errorData(error),
    instances: instances.map((instance) => ({
      name: instance.name,
      namespace: instance.namespace,
      module: instance.module,
      rewrittenImages: instance.rewrittenImages,
      ...outcomeData(instance.outcome, skipText),
      createsNamespace: instance.changeSet?.createsNamespace,
      recordChanges: instance.changeSet?.recordChanges,
      milliseconds: instance.milliseconds,
      changes: instance.changes.map(changeData),
    })),
    pruned: pruned.map((removed) => removedData(removed, skipText)),
  };
}

/** A deleted instance as JSON and YAML show it. */
export function removedData(
  { name, namespace, outcome, reason, changes, milliseconds }: RemovedReport,
  skipText: SkipText,
): unknown {
  const left = reason === undefined ? {} : { leftAlone: reason };
  return {
    name,
    namespace,
    ...outcomeData(outcome, skipText),
    ...left,
    milliseconds,
    changes: changes.map(changeData),
  };
}

function outcomeData(outcome: Outcome, skipText: SkipText): Record<string, unknown> {
  switch (outcome.state) {
    case "done":
      return { result: "done" };
    case "failed":
      return { result: "failed", error: errorData(outcome.error) };
    case "skipped":
      return { result: "skipped", reason: skipText(outcome.because) };
  }
}
