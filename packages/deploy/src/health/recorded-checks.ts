import type { HealthChecks, InstanceRecord } from "@tenon/kube";
import type { ModuleHealthChecks } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { liveHealthChecks } from "./health-checks.ts";

/** Shorter texts are no secrets only because they are part of something longer. */
const minPartLength = 4;

/**
 * The health checks of an instance from its record, which keeps all that is needed to evaluate them:
 * a status asks no registry.
 */
export function recordedChecks(
  context: DeployContext,
  { applied, pending }: InstanceRecord,
): HealthChecks | undefined {
  const kept = (pending?.healthChecks ?? applied?.healthChecks) as ModuleHealthChecks | undefined;
  return kept && liveHealthChecks(context, kept);
}

/**
 * Health checks as a record keeps them. Of checks that a secret went into, only the names are kept.
 *
 * @param words what the instance keeps in Secrets
 */
export function checksForRecord(
  { checks, files, texts = [], ...place }: ModuleHealthChecks,
  words: readonly string[],
): ModuleHealthChecks {
  const long = words.filter((word) => word.length >= minPartLength);
  const isSecret = (text: string): boolean =>
    words.includes(text) ||
    (text.length >= minPartLength && long.some((word) => word.includes(text)));
  const expressions = checks.flatMap(({ cel }) => Object.values(cel ?? {}) as string[]);
  const holdsSecret =
    texts.some(isSecret) || expressions.some((text) => long.some((word) => text.includes(word)));
  if (!holdsSecret) return { ...place, checks, files };
  return { ...place, checks: checks.map(({ name, group, kind }) => ({ name, group, kind })) };
}
