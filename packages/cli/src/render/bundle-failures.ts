import { isTenonError, messageOf } from "@tenon/core";
import type { InstanceReport, RemovedReport } from "@tenon/deploy";

import type { CommandFailure } from "../define-command.ts";
import { placeText } from "./bundle-place.ts";
import type { Paint } from "./paint.ts";

/** All failures of a run, each with where it happened. */
export function failuresOf(
  report: {
    readonly bundle: string;
    readonly clusters: readonly {
      readonly cluster: string;
      readonly error?: unknown;
      readonly instances?: readonly InstanceReport[];
      readonly removed?: readonly RemovedReport[];
      readonly pruned?: readonly RemovedReport[];
    }[];
  },
  paint: Paint,
): CommandFailure[] {
  const { bundle } = report;
  const waves = new Set<unknown>();
  return report.clusters.flatMap(({ cluster, error, instances, removed, pruned }) => {
    const all = [...(instances ?? []), ...(removed ?? []), ...(pruned ?? [])];
    const failures = all.flatMap(({ name: instance, outcome }): CommandFailure[] => {
      if (outcome.state === "failed") {
        return [{ where: placeText({ bundle, cluster, instance }, paint), error: outcome.error }];
      }
      if (outcome.state !== "skipped" || outcome.because.type !== "wave") return [];
      const { error: gate } = outcome.because;
      if (gate === undefined || waves.has(gate)) return [];
      waves.add(gate);
      return [{ where: placeText({ bundle }, paint), error: gate }];
    });
    const own =
      error === undefined ? [] : [{ where: placeText({ bundle, cluster }, paint), error }];
    return [...own, ...failures];
  });
}

/** An error as JSON and YAML show it. */
export function errorData(error: unknown): unknown {
  if (error === undefined) return undefined;
  if (!isTenonError(error)) return { code: "UNEXPECTED", message: messageOf(error) };
  const { code, message, hint, details } = error;
  return { code, message, hint, details };
}
