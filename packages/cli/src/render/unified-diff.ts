import { commonLines } from "./common-lines.ts";

const context = 3;

/**
 * The differences of two texts in the unified format that `patch` reads, or nothing when there are
 * none. The first line is the command that Go tools print.
 *
 * @see https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
 */
export function unifiedDiff(
  before: { readonly name: string; readonly text: string },
  after: { readonly name: string; readonly text: string },
): string {
  if (before.text === after.text) return "";
  const [old, young] = [linesOf(before.text), linesOf(after.text)];
  const head = `diff ${before.name} ${after.name}\n--- ${before.name}\n+++ ${after.name}\n`;
  return head + hunksOf(editsOf(old, young)).map(hunkText).join("");
}

/** A line with its end, and what becomes of it. */
interface Edit {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

interface Hunk {
  /** Lines of each text before the hunk. */
  readonly oldStart: number;
  readonly newStart: number;
  readonly edits: readonly Edit[];
}

function linesOf(text: string): string[] {
  const lines = text.split(/(?<=\n)/).filter((line) => line !== "");
  const last = lines.at(-1);
  return last === undefined || last.endsWith("\n")
    ? lines
    : [...lines.slice(0, -1), `${last}\n\\ No newline at end of file\n`];
}

function editsOf(old: readonly string[], young: readonly string[]): Edit[] {
  const edits: Edit[] = [];
  let [o, y] = [0, 0];
  for (const [oldLine, newLine] of [...commonLines(old, young), [old.length, young.length]]) {
    for (; o < oldLine!; o++) edits.push({ sign: "-", line: old[o]! });
    for (; y < newLine!; y++) edits.push({ sign: "+", line: young[y]! });
    if (o < old.length && y < young.length) edits.push({ sign: " ", line: old[o]! });
    [o, y] = [o + 1, y + 1];
  }
  return edits;
}

/** Groups edits with the lines around them; groups that would touch become one. */
function hunksOf(edits: readonly Edit[]): Hunk[] {
  const hunks: Hunk[] = [];
  let [oldStart, newStart, start] = [0, 0, 0];
  for (let at = 0; at < edits.length;) {
    const first = edits.findIndex(({ sign }, index) => index >= at && sign !== " ");
    if (first < 0) break;
    let last = first;
    for (let next = first; next < edits.length && next <= last + 2 * context; next++) {
      if (edits[next]!.sign !== " ") last = next;
    }
    const from = Math.max(at, first - context);
    const skipped = edits.slice(start, from);
    oldStart += skipped.filter(({ sign }) => sign !== "+").length;
    newStart += skipped.filter(({ sign }) => sign !== "-").length;
    start = from;
    at = Math.min(edits.length, last + context + 1);
    hunks.push({ oldStart, newStart, edits: edits.slice(from, at) });
  }
  return hunks;
}

function hunkText({ oldStart, newStart, edits }: Hunk): string {
  const oldLines = edits.filter(({ sign }) => sign !== "+").length;
  const newLines = edits.filter(({ sign }) => sign !== "-").length;
  const range = (start: number, lines: number): string =>
    `${lines === 0 ? start : start + 1},${lines}`;
  const head = `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@\n`;
  return head + edits.map(({ sign, line }) => sign + line).join("");
}
