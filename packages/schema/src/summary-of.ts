import type { Diagnostic } from "@tenon/core";

/** The first of some diagnostics in one line, with its path where it has one, and how many follow. */
export function summaryOf(diagnostics: readonly Diagnostic[]): string {
  const [first] = diagnostics;
  if (first === undefined) return "unknown failure";
  return `${first.path ? `${first.path}: ` : ""}${first.text}${andMore(diagnostics)}`;
}

/** What follows the first of some: ` (and 2 more)`, or nothing. */
export function andMore({ length }: readonly unknown[]): string {
  return length > 1 ? ` (and ${length - 1} more)` : "";
}
