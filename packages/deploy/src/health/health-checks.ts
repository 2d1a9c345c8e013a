import { messageOf } from "@tenon/core";
import type { HealthCheck, HealthChecks, ObjectStatus } from "@tenon/kube";
import {
  type DeclaredHealthCheck,
  type HealthVerdict,
  type RenderRequest,
  evaluateHealthCheck,
  healthCheckPath,
  healthCheckTarget,
  invalidHealthChecks,
} from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { type CelCheck, type CelProblem, parseCel } from "./cel.ts";

/**
 * Makes the health checks of a module ready for waits: those in CUE are evaluated by the engine with
 * the module around them, those in CEL here.
 *
 * @throws SchemaError `SCHEMA_HEALTH_CHECK_INVALID` for CEL that does not parse
 */
export async function healthChecksOf(
  context: DeployContext,
  request: RenderRequest,
  declared: readonly DeclaredHealthCheck[],
): Promise<HealthChecks | undefined> {
  if (declared.length === 0) return undefined;
  const problems: { check: DeclaredHealthCheck; problem: CelProblem }[] = [];
  const checks = new Map<string, HealthCheck>();
  for (const check of declared) {
    const parsed = check.cel === undefined ? undefined : parseCel(check.cel);
    if (parsed !== undefined && "problems" in parsed) {
      problems.push(...parsed.problems.map((problem) => ({ check, problem })));
      continue;
    }
    const verdict = parsed === undefined ? inCue(context, request, check) : inCel(parsed.check);
    checks.set(healthCheckTarget(check), async (json) => statusOf(check.name, await verdict(json)));
  }
  if (problems.length === 0) return checks;
  throw await invalidHealthChecks(
    context.engine,
    request,
    problems.map(({ check, problem }) => ({
      path: healthCheckPath(check.name, "cel", problem.field),
      text: problem.text,
    })),
    { signal: context.signal },
  );
}

type Verdict = (json: string) => Promise<HealthVerdict>;

function inCue(
  { engine, signal }: DeployContext,
  request: RenderRequest,
  { name }: DeclaredHealthCheck,
): Verdict {
  return (object) => evaluateHealthCheck(engine, request, { name, object }, { signal });
}

function inCel(check: CelCheck): Verdict {
  return async (json) => check.evaluate(JSON.parse(json));
}

function statusOf(name: string, verdict: HealthVerdict): ObjectStatus {
  switch (verdict) {
    case "current":
      return { status: "Current", message: `current by health check ${name}` };
    case "failed":
      return { status: "Failed", message: `failed by health check ${name}` };
    case "inProgress":
      return { status: "InProgress", message: `in progress by health check ${name}` };
    case "waiting":
      return { status: "InProgress", message: `not yet current by health check ${name}` };
  }
}

/** A health check whose module is not at hand. */
export function unavailableChecks(targets: readonly string[], reason: unknown): HealthChecks {
  const text = `its health check is not at hand: ${messageOf(reason)}`;
  const status: ObjectStatus = { status: "Unknown", message: text };
  return new Map(targets.map((target) => [target, () => status]));
}
