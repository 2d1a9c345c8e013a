import type { ConfigField } from "../docs/config-field.ts";

/** Which fields of a module's values are set by some values. */
export interface ValuesCoverage {
  /** How many fields there are that hold no other described fields. */
  readonly fields: number;
  /** CUE paths of those that nothing sets, in their order. */
  readonly untouched: readonly string[];
}

/**
 * Compares the described fields of a module with values that were tried.
 *
 * @param tried JSON texts of values
 */
export function valuesCoverage(
  fields: readonly ConfigField[],
  tried: readonly string[],
): ValuesCoverage {
  const values = tried.map((text) => JSON.parse(text) as unknown);
  const paths = fields.map(({ path }) => path);
  const leaves = paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)));
  const untouched = leaves.filter((path) => !values.some((value) => isSet(value, namesOf(path))));
  return { fields: leaves.length, untouched };
}

function namesOf(path: string): string[] {
  const labels = path.match(/"(?:[^"\\]|\\.)*"|[^.]+/g) ?? [];
  return labels.map((label) => (label.startsWith('"') ? (JSON.parse(label) as string) : label));
}

function isSet(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return false;
  return isSet((value as Readonly<Record<string, unknown>>)[name], rest);
}
