import type { Engine, Evaluation } from "@tenon/cue-wasm";

import { healthCheckPath } from "./health-check.ts";

/** What a health check says of an object; `waiting` when none of its expressions is true. */
export type HealthVerdict = "inProgress" | "failed" | "current" | "waiting";

/** Why a health check could not be evaluated. */
export class HealthCheckFailure extends Error {}

/** In this order; the first that is true decides. */
const expressions = ["inProgress", "failed", "current"] as const;

const field = "tenon.dev/health-check";
const file = "tenon.health.cue";

/**
 * Evaluates a health check that is written in CUE with a live object filled in. An expression that
 * lacks data counts as false.
 *
 * @param surroundings the module that declares the check
 * @param from.name of the check under `timoni.healthChecks`
 * @param from.object JSON text of the live object
 * @throws HealthCheckFailure when the object does not fit the check
 */
export async function evaluateHealthCheck(
  engine: Engine,
  surroundings: Omit<Evaluation, "outputs">,
  from: { readonly name: string; readonly object: string },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<HealthVerdict> {
  const { dir, package: packageName, overlay = [] } = surroundings;
  const text = `package ${packageName}

${JSON.stringify(field)}: ${healthCheckPath(from.name)} & {#object: ${from.object}}
`;
  const path = (name: string): string => `${JSON.stringify(field)}.${name}`;
  const result = await engine.evaluate(
    {
      ...surroundings,
      overlay: new Map([...overlay, [dir ? `${dir}/${file}` : file, text]]),
      outputs: expressions.map((name) => ({
        path: path(name),
        encoding: "defaults",
        optional: true,
      })),
    },
    { ...options, label: `health check ${from.name}` },
  );
  if (!result.ok) {
    const [first] = result.diagnostics;
    const at = first?.path?.split(`${JSON.stringify(field)}.`).at(-1);
    throw new HealthCheckFailure([at, first?.text].filter(Boolean).join(": "));
  }
  return expressions.find((name) => result.outputs.get(path(name))?.text === "true") ?? "waiting";
}
