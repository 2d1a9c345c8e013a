import type { Diagnostic } from "@tenon/core";

/**
 * Tells each mistake once. CUE reports it wherever the value is used; what counts is the place and the
 * path that users know.
 */
export function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const told = new Map<string, Diagnostic>();
  for (const entry of diagnostics) {
    const [at] = entry.positions;
    const place = at ? `${at.file}:${at.line}:${at.column}` : entry.path;
    const key = `${place} ${entry.text}`;
    const before = told.get(key);
    if (before === undefined || distance(entry) < distance(before)) told.set(key, entry);
  }
  return [...told.values()];
}

/** How far a path is from what users write: `values`, then the configuration, then templates. */
function distance({ path = "" }: Diagnostic): number {
  const kind = path.startsWith("values") ? 0 : path.startsWith("timoni.instance.config") ? 1 : 2;
  return kind * 1000 + path.length;
}
