import { SchemaError } from "../errors.ts";

const start = "<!-- tenon:config -->";
const end = "<!-- /tenon:config -->";
const heading = "## Configuration";

/**
 * Puts a table into a Markdown text: between the lines `<!-- tenon:config -->` and
 * `<!-- /tenon:config -->`; without them in place of the first table under `## Configuration`, or
 * below that heading, which is added at the end where there is none. What is in code blocks does not
 * count. A second time changes nothing.
 *
 * @param name how messages name the text
 * @throws SchemaError `SCHEMA_README_INVALID` when one marker is missing or they are out of order
 */
export function insertConfigTable(text: string, table: string, name: string): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/(?<=\n)/).filter((line) => line !== "");
  const place = placeOf(lines, name);
  const before = lines.slice(0, place.from).join("");
  const after = lines.slice(place.to).join("");
  const added = place.added.replace("TABLE", () => table).replaceAll("\n", newline);
  return endLine(before, newline) + added + after;
}

/** Lines to replace, and what takes their place. */
interface Place {
  readonly from: number;
  readonly to: number;
  readonly added: string;
}

function placeOf(lines: readonly string[], name: string): Place {
  const plain = outsideCode(lines).map((line) => line.trim());
  const [from, to] = [plain.indexOf(start), plain.indexOf(end)];
  if (from >= 0 || to >= 0) {
    requirePair(plain, name);
    return { from: from + 1, to, added: "\nTABLE\n" };
  }
  const title = plain.indexOf(heading);
  if (title < 0) {
    const gap = lines.length === 0 ? "" : "\n";
    return { from: lines.length, to: lines.length, added: `${gap}${heading}\n\nTABLE` };
  }
  const next = plain.findIndex((line, index) => index > title && /^#{1,2}\s/.test(line));
  const section = next < 0 ? lines.length : next;
  const table = plain.findIndex((line, index) => index > title && line.startsWith("|"));
  if (table >= 0 && table < section) {
    const past = plain.findIndex((line, index) => index > table && !line.startsWith("|"));
    return { from: table, to: past < 0 ? lines.length : past, added: "TABLE" };
  }
  const text = plain.findIndex((line, index) => index > title && line !== "");
  return text < 0
    ? { from: title + 1, to: lines.length, added: "\nTABLE" }
    : { from: title + 1, to: text, added: "\nTABLE\n" };
}

/** The lines, with those of fenced code blocks emptied. */
function outsideCode(lines: readonly string[]): string[] {
  let fence = "";
  return lines.map((line) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    const isClosing = fence !== "" && mark.startsWith(fence) && line.trim() === mark;
    if (fence === "" && mark === "") return line;
    if (fence === "") fence = mark;
    else if (isClosing) fence = "";
    return "";
  });
}

function requirePair(plain: readonly string[], name: string): void {
  const found = plain.flatMap((line, index) =>
    line === start || line === end ? [{ marker: line, line: index + 1 }] : [],
  );
  if (found.length === 2 && found[0]?.marker === start && found[1]?.marker === end) return;
  const wrong =
    found.find(({ marker }, index) => marker !== (index === 0 ? start : end)) ?? found.at(-1)!;
  throw new SchemaError(
    "SCHEMA_README_INVALID",
    `Cannot write the table into ${name}: its markers are not one pair`,
    {
      diagnostics: [
        {
          text: `expected one line ${start} and below it one line ${end}`,
          positions: [{ file: name, line: wrong.line, column: 1, lineText: wrong.marker }],
        },
      ],
      hint: "Add the missing marker, or remove both to have the table under a heading",
    },
  );
}

function endLine(text: string, newline: string): string {
  return text === "" || text.endsWith("\n") ? text : text + newline;
}
