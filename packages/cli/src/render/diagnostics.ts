import { type Diagnostic, type Position, printable } from "@tenon/core";

import type { Paint } from "./paint.ts";

const mostShown = 10;

/** Lines for several diagnostics. The same text at the same place is said once; many are cut short. */
export function diagnosticsLines(diagnostics: readonly Diagnostic[], paint: Paint): string[] {
  const distinct = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const [first] = diagnostic.positions;
    const place = first === undefined ? (diagnostic.path ?? "") : formatPosition(first);
    const key = `${place}\0${diagnostic.text}`;
    if (!distinct.has(key)) distinct.set(key, diagnostic);
  }
  const shown = [...distinct.values()].slice(0, mostShown);
  const hidden = distinct.size - shown.length;
  return [
    ...shown.flatMap((diagnostic) => diagnosticLines(diagnostic, paint)),
    ...(hidden > 0 ? [paint.dim(`and ${hidden} more; all are in the output of -o json`)] : []),
  ];
}

/** Lines that say what is wrong and where, with the source line and a caret under the place. */
export function diagnosticLines(diagnostic: Diagnostic, paint: Paint): string[] {
  const { text, path, notes = [] } = diagnostic;
  const [first, ...others] = diagnostic.positions;
  const place = first === undefined ? "" : `${paint.bold(formatPosition(first))}: `;
  const subject = path === undefined || path === "" ? "" : ` ${paint.dim(`(${printable(path)})`)}`;
  const [head = "", ...more] = printable(text).split("\n");
  return [
    `${place}${head}${subject}`,
    ...more.map((line) => `  ${line}`),
    ...(first === undefined ? [] : sourceLines(first, paint)),
    ...others.map((position) => paint.dim(`  see ${formatPosition(position)}`)),
    ...notes.map((note) => `  ${printable(note)}`),
  ];
}

/** `file:line:column`. */
export function formatPosition({ file, line, column }: Position): string {
  return `${printable(file)}:${line}:${column}`;
}

function sourceLines({ line, column, lineText }: Position, paint: Paint): string[] {
  if (lineText === undefined) return [];
  const margin = `${String(line).padStart(5)} | `;
  const before = Buffer.from(lineText)
    .subarray(0, column - 1)
    .toString("utf8");
  // Tabs stay tabs, so that the caret stands where the terminal puts the character.
  const indent = printable(before).replace(/[^\t]/g, " ");
  const gutter = `${" ".repeat(margin.length - 2)}| `;
  return [
    `${paint.dim(margin)}${printable(lineText.replace(/\r$/, ""))}`,
    `${paint.dim(gutter)}${indent}${paint.red("^")}`,
  ];
}
