import { Environment, EvaluationError, type ParseResult } from "@marcbachmann/cel-js";
import { messageOf } from "@tenon/core";
import type { CelExpressions, HealthVerdict } from "@tenon/schema";

/** An expression that does not parse. */
export interface CelProblem {
  readonly field: keyof CelExpressions;
  readonly text: string;
}

/** A health check in CEL, ready to be evaluated. */
export interface CelCheck {
  /** What the check says of an object. */
  evaluate(object: unknown): HealthVerdict;
}

const order = ["inProgress", "failed", "current"] as const;

/**
 * Parses the expressions of a health check. They see the object as `self` and its fields by their
 * names (`status`, `spec`, `metadata`, …), as those of Flux do; an expression about a field that is
 * not there counts as false (https://fluxcd.io/flux/cheatsheets/cel-healthchecks/).
 */
export function parseCel(
  expressions: CelExpressions,
): { readonly check: CelCheck } | { readonly problems: readonly CelProblem[] } {
  const environment = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true });
  const parsed = new Map<HealthVerdict, ParseResult>();
  const problems: CelProblem[] = [];
  for (const field of order) {
    const text = expressions[field];
    if (text === undefined) continue;
    try {
      const expression = environment.parse(text);
      const { valid, error, type = "dyn" } = expression.check();
      if (!valid) throw error ?? new Error("it has a wrong type");
      if (type !== "bool" && type !== "dyn") throw new Error(`it is ${type}, not true or false`);
      parsed.set(field, expression);
    } catch (error) {
      problems.push({ field, text: messageOf(error).split("\n", 1)[0]! });
    }
  }
  if (problems.length > 0) return { problems };
  return { check: { evaluate: (object) => verdictOf(parsed, object) } };
}

function verdictOf(
  parsed: ReadonlyMap<HealthVerdict, ParseResult>,
  object: unknown,
): HealthVerdict {
  const self = withIntegers(object) as Record<string, unknown>;
  for (const [verdict, expression] of parsed) {
    if (isTrue(expression, { ...self, self })) return verdict;
  }
  return "waiting";
}

/** What a controller has not written yet. */
const absent: ReadonlySet<unknown> = new Set([
  "no_such_key",
  "unknown_variable",
  "index_out_of_bounds",
]);

function isTrue(expression: ParseResult, context: Record<string, unknown>): boolean {
  let value: unknown;
  try {
    value = expression(context);
  } catch (error) {
    if (error instanceof EvaluationError && absent.has(error.code)) return false;
    throw error;
  }
  if (typeof value !== "boolean") throw new Error("an expression is neither true nor false");
  return value;
}

/** CEL has integers: those of JSON are numbers that are no fractions. */
function withIntegers(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(withIntegers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withIntegers(inner)]),
  );
}
