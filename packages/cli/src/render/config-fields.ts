import type { ConfigField } from "@tenon/schema";

import type { Sink } from "../io.ts";
import { table } from "./table.ts";

const longestType = 40;
const narrowest = 30;

/**
 * The values of a module as a table. On a terminal long types are cut and descriptions are broken
 * to its width.
 */
export function configFieldsText(
  fields: readonly ConfigField[],
  { isTTY, columns }: Pick<Sink, "isTTY" | "columns">,
): string {
  const cut = (text: string): string =>
    isTTY && text.length > longestType ? `${text.slice(0, longestType - 1)}…` : text;
  const rows = fields.map(({ key, type, default: initial = "", description }) => [
    key,
    cut(type),
    cut(initial),
    description,
  ]);
  const header = ["KEY", "TYPE", "DEFAULT", "DESCRIPTION"];
  if (!isTTY) return table(header, rows);
  const used = header
    .slice(0, -1)
    .map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)) + 2)
    .reduce((sum, width) => sum + width, 0);
  return table(
    header,
    rows.flatMap((row) => broken(row, Math.max(narrowest, columns - used))),
  );
}

/** Goes on with the last cell in rows below that are empty else. */
function broken(row: readonly string[], width: number): string[][] {
  const lines = wrapped(row.at(-1)!, width);
  const front = row.slice(0, -1);
  return lines.map((line, index) => [...(index === 0 ? front : front.map(() => "")), line]);
}

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
