import type { Diagnostic } from "@tenon/core";

/**
 * Tells each mistake once. CUE reports it for every alternative of a disjunction, and wherever the
 * value is used; what counts is the place and the path that users know.
 */
export function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const told = diagnostics.filter(({ text }) => !/^\d+ errors in empty disjunction/.test(text));
  const groups = new Map<string, Diagnostic[]>();
  for (const entry of told.length > 0 ? told : diagnostics) {
    const [at] = entry.positions;
    const key = at ? `${at.file}:${at.line}:${at.column}` : `${entry.path} ${entry.text}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].flatMap(atOnePlace);
}

/** Where a value breaks a bound, that it is not the default either says nothing. */
function atOnePlace(group: readonly Diagnostic[]): readonly Diagnostic[] {
  const others = group.filter((entry) => conflictOf(entry) === undefined);
  if (others.length === 0) return [oneOf(group)];
  const texts = new Set(others.map(({ text }) => text));
  return [...texts].map((text) => oneOf(others.filter((entry) => entry.text === text)));
}

function oneOf(group: readonly Diagnostic[]): Diagnostic {
  const nearest = group.reduce((best, entry) => (distance(entry) < distance(best) ? entry : best));
  const alternatives = group.filter(({ path }) => path === nearest.path);
  const text = alternatives.length > 1 ? textOfAlternatives(alternatives) : undefined;
  if (text === undefined) return nearest;
  const positions = alternatives.flatMap((entry) => entry.positions);
  const unique = new Map(positions.map((at) => [`${at.file}:${at.line}:${at.column}`, at]));
  return { ...nearest, text, positions: [...unique.values()] };
}

/** `conflicting values "x" and 1`, `conflicting values "x" and int` become `"x" is none of 1, int`. */
function textOfAlternatives(group: readonly Diagnostic[]): string | undefined {
  const pairs = group.map(conflictOf).filter((pair) => pair !== undefined);
  const shared = pairs[0]?.find((side) => pairs.every((pair) => pair.includes(side)));
  if (shared === undefined || pairs.length < 2) return undefined;
  const others = new Set(pairs.map(([a, b]) => (a === shared ? b : a)));
  return `${shared} is none of ${[...others].join(", ")}`;
}

function conflictOf({ text }: Diagnostic): [string, string] | undefined {
  const plain = text.replace(/ \(mismatched types [^()]*\)$/, "");
  const match = /^conflicting values (.+) and (.+)$/s.exec(plain);
  return match ? [match[1]!, match[2]!] : undefined;
}

/** How far a path is from what users write: `values`, then the configuration, then templates. */
function distance({ path = "" }: Diagnostic): number {
  const kind = path.startsWith("values") ? 0 : path.startsWith("timoni.instance.config") ? 1 : 2;
  return kind * 1000 + path.length;
}
