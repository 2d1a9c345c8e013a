import type { ConfigField } from "./config-field.ts";

/**
 * A table of values in Markdown, a line for each and one newline at the end.
 *
 * @see https://github.github.com/gfm/#tables-extension-
 */
export function configTable(fields: readonly ConfigField[]): string {
  const rows = fields.map((field) => [
    code(field.key),
    code(field.type),
    field.default === undefined ? "" : code(field.default),
    prose(field.description),
  ]);
  const lines = [["KEY", "TYPE", "DEFAULT", "DESCRIPTION"], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `|${cells.map(padded).join("|")}|\n`).join("");
}

function padded(cell: string): string {
  return cell === "" ? " " : ` ${cell} `;
}

/** A code span; in a table a bar ends the cell even there. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  const space = longest > 0 ? " " : "";
  return `${fence}${space}${oneLine(text)}${space}${fence}`.replaceAll("|", "\\|");
}

/** Text in which only code spans have a meaning: `<name>` is no HTML. */
function prose(text: string): string {
  return oneLine(text)
    .split(/(`+[^`]+`+)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("<", "&lt;")))
    .join("")
    .replaceAll("|", "\\|");
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
