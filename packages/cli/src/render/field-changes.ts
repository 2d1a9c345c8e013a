import { printable } from "@tenon/core";
import type { FieldChange } from "@tenon/kube";

import type { Paint } from "./paint.ts";

/** A field that differs: `~ path: before → after`, `+ path: after`, `- path: before`. */
export function fieldLines(change: FieldChange, paint: Paint): string[] {
  const { path, before, after } = change;
  const name = printable(path);
  if (before === undefined) return [paint.green(`+ ${name}: ${valueText(after)}`)];
  if (after === undefined) return [paint.red(`- ${name}: ${valueText(before)}`)];
  if (isMultiline(before) && isMultiline(after)) {
    return [paint.yellow(`~ ${name}:`), ...textLines(before, after, paint)];
  }
  const [old, young] = [paint.red(valueText(before)), paint.green(valueText(after))];
  return [`${paint.yellow(`~ ${name}:`)} ${old} → ${young}`];
}

function valueText(value: unknown): string {
  return printable(JSON.stringify(value) ?? "");
}

function isMultiline(value: unknown): value is string {
  return typeof value === "string" && value.trimEnd().includes("\n");
}

const context = 2;

/** The lines between what two texts have in common at their beginning and at their end. */
function textLines(before: string, after: string, paint: Paint): string[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (lines: string[]): string[] =>
    lines.map((line) => paint.dim(`    ${printable(line)}`.trimEnd()));
  return [
    ...same(a.slice(Math.max(0, head - context), head)),
    ...a.slice(head, a.length - tail).map((line) => paint.red(`  - ${printable(line)}`)),
    ...b.slice(head, b.length - tail).map((line) => paint.green(`  + ${printable(line)}`)),
    ...same(a.slice(a.length - tail, a.length - tail + context)),
  ];
}
