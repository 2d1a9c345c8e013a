import { isEmpty, isSet } from "./rules/rule.ts";
import type { Fields, Findings, Format, Surroundings, TypeRules } from "./rules/rule.ts";

/** Checks an object against the rules of its type. */
export function checkRules(
  rules: TypeRules,
  value: Fields,
  found: Findings,
  around: Surroundings,
): void {
  for (const name of rules.filled ?? []) {
    if (!isEmpty(value[name])) continue;
    const message = isSet(value[name]) ? `"${name}" must not be empty` : missing(name);
    found.problem([name], message);
  }
  for (const [name, format] of Object.entries(rules.formats ?? {})) {
    checkFormat(found, name, value[name], format);
  }
  if (rules.oneOf !== undefined) checkOneOf(rules.oneOf, value, found);
  rules.check?.(value, found, around);
}

function missing(name: string): string {
  return `required field "${name}" is missing`;
}

function checkFormat(found: Findings, name: string, value: unknown, format: Format): void {
  if (value === "" && format.empty !== true) return;
  const places: [(string | number)[], unknown][] = Array.isArray(value)
    ? value.map((element: unknown, index) => [[name, index], element])
    : [[[name], value]];
  for (const [path, item] of places) {
    const isScalar = typeof item === "string" || typeof item === "number";
    if (isScalar && !format.fits(item)) found.expected(path, format.expected, item);
  }
}

function checkOneOf(
  { fields, required }: NonNullable<TypeRules["oneOf"]>,
  value: Fields,
  found: Findings,
): void {
  const [first, ...more] = fields.filter((name) => isGiven(value[name]));
  if (first === undefined && required) {
    found.problem([], `one of ${fields.join(", ")} is required`);
  }
  for (const name of more) found.problem([name], `"${name}" must be left out beside "${first}"`);
}

function isGiven(value: unknown): boolean {
  return isSet(value) && !(Array.isArray(value) && value.length === 0);
}
