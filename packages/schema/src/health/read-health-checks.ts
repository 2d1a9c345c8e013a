import { objectMembers } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import {
  type RenderRequest,
  evaluateModule,
  evaluationOf,
  labelOf,
} from "../render/evaluate-module.ts";
import { type Problem, locateProblems } from "../render/locate-problems.ts";
import {
  type CelExpressions,
  type DeclaredHealthCheck,
  healthCheckPath,
  healthCheckTarget,
} from "./health-check.ts";

/**
 * Reads the health checks of a module from what is concrete of `timoni.healthChecks`, and checks
 * that they can work.
 *
 * @param json text of `timoni.healthChecks`; nothing when there are none
 * @throws SchemaError `SCHEMA_HEALTH_CHECK_INVALID`
 */
export async function readHealthChecks(
  engine: Engine,
  request: RenderRequest,
  json: string | undefined,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<DeclaredHealthCheck[]> {
  const checks = (objectMembers(json ?? "{}", []) ?? []).map(([name, text]) => ({
    name,
    ...(JSON.parse(text) as Partial<Omit<DeclaredHealthCheck, "name">>),
  }));
  if (checks.length === 0) return [];
  const problems = [
    ...checks.flatMap(targetProblems),
    ...duplicates(checks),
    ...(await expressionProblems(engine, request, checks, options)),
  ];
  if (problems.length > 0) throw await healthChecksInvalid(engine, request, problems, options);
  return checks.map(({ name, group = "", kind, cel }) => ({ name, group, kind, cel }));
}

const defaultHint = "A health check has a group, and current as CUE or in cel";

/** The error for health checks that cannot work, with the places where they are written. */
export async function healthChecksInvalid(
  engine: Engine,
  request: RenderRequest,
  problems: readonly Problem[],
  options: {
    readonly signal?: AbortSignal | undefined;
    /** The next thing to do. */
    readonly hint?: string | undefined;
  },
): Promise<SchemaError> {
  const diagnostics = await locateProblems(engine, request, problems, options);
  const [first] = problems;
  return new SchemaError(
    "SCHEMA_HEALTH_CHECK_INVALID",
    `Cannot build ${labelOf(request)}: ${first!.path}: ${first!.text}`,
    { diagnostics, hint: options.hint ?? defaultHint },
  );
}

type Given = { readonly name: string } & Partial<DeclaredHealthCheck>;

function targetProblems({ name, group, cel }: Given): Problem[] {
  const path = healthCheckPath(name);
  const problems: Problem[] = [];
  if (typeof group !== "string") problems.push({ path, text: "it has no group" });
  const given: Partial<CelExpressions> = cel ?? {};
  if (cel !== undefined && typeof given.current !== "string") {
    problems.push({ path: `${path}.cel`, text: "it has no current" });
  }
  return problems;
}

function duplicates(checks: readonly Given[]): Problem[] {
  const seen = new Map<string, string>();
  return checks.flatMap(({ name, group = "", kind }) => {
    const target = healthCheckTarget({ group, kind });
    const other = seen.get(target);
    if (other === undefined) {
      seen.set(target, name);
      return [];
    }
    const text = `health checks "${other}" and "${name}" target the same group and kind: ${target}`;
    return [{ path: healthCheckPath(name), text }];
  });
}

/**
 * A check in CUE depends on the live object: all that can be asked is whether it has the fields. One
 * in CEL must not have them, or it would say two things.
 */
async function expressionProblems(
  engine: Engine,
  request: RenderRequest,
  checks: readonly Given[],
  options: { readonly signal?: AbortSignal | undefined },
): Promise<Problem[]> {
  const paths = checks.map(({ name }) => healthCheckPath(name, "current"));
  const outputs = paths.map((path) => ({ path, encoding: "none", optional: true }) as const);
  const evaluation = { ...evaluationOf(request), outputs };
  const result = await evaluateModule(engine, request, evaluation, options);
  return checks.flatMap(({ name, cel }, index) => {
    const exists = result.outputs.get(paths[index]!)?.exists === true;
    if (cel === undefined && !exists)
      return [{ path: healthCheckPath(name), text: "it has no current" }];
    if (cel !== undefined && exists)
      return [{ path: paths[index]!, text: "it has current in CUE and in cel: one is enough" }];
    return [];
  });
}
