import type { HealthCheck, HealthChecks, ObjectStatus } from "@tenon/kube";
import {
  type DeclaredHealthCheck,
  type HealthVerdict,
  type ModuleHealthChecks,
  type RenderRequest,
  evaluateHealthCheck,
  healthCheckPath,
  healthCheckTarget,
  healthChecksInvalid,
  surroundingsOf,
} from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { parseCel } from "./cel.ts";
import { remembered } from "./remembered.ts";

/**
 * Makes health checks ready for waits: those in CUE are evaluated by the engine, those in CEL here.
 *
 * @param request the module that they are from; without it, they need files of their own
 */
export function liveHealthChecks(
  context: DeployContext,
  declared: ModuleHealthChecks,
  request?: RenderRequest,
): HealthChecks {
  const surroundings = surroundingsOf(declared, request);
  const verdictOf = ({ name, cel }: DeclaredHealthCheck): Verdict => {
    if (cel !== undefined) return inCel(cel);
    if (surroundings === undefined) return unavailable;
    const { engine, signal } = context;
    return (object) => evaluateHealthCheck(engine, surroundings, { name, object }, { signal });
  };
  return new Map(
    declared.checks.map((check) => {
      const verdict = verdictOf(check);
      const status: HealthCheck = async (json) => statusOf(check.name, await verdict(json));
      return [healthCheckTarget(check), remembered(status)] as const;
    }),
  );
}

/**
 * Checks that what a module has in CEL parses.
 *
 * @throws SchemaError `SCHEMA_HEALTH_CHECK_INVALID`
 */
export async function checkCel(
  context: DeployContext,
  request: RenderRequest,
  { checks }: ModuleHealthChecks,
): Promise<void> {
  const problems = checks.flatMap(({ name, cel }) => {
    const parsed = cel === undefined ? undefined : parseCel(cel);
    if (parsed === undefined || !("problems" in parsed)) return [];
    return parsed.problems.map(({ field, text }) => ({
      path: healthCheckPath(name, "cel", field),
      text,
    }));
  });
  if (problems.length === 0) return;
  const { engine, signal } = context;
  const hint = "CEL sees the fields of the object by name, such as status.phase == 'Ready'";
  throw await healthChecksInvalid(engine, request, problems, { signal, hint });
}

type Verdict = (json: string) => HealthVerdict | Promise<HealthVerdict>;

function inCel(expressions: NonNullable<DeclaredHealthCheck["cel"]>): Verdict {
  const parsed = parseCel(expressions);
  return (json) => {
    if ("problems" in parsed) throw new Error(parsed.problems[0]!.text);
    return parsed.check.evaluate(JSON.parse(json));
  };
}

function unavailable(): never {
  throw new Error("the record does not hold what it depends on");
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
