import path from "node:path";

import type { Position } from "@tenon/core";

import { overlaySchemaFile } from "../module/overlay-schema.ts";

/**
 * The places of a mistake that a reader needs: what they wrote, and the part of the schema that does not
 * take it. CUE names every reference on the way between the two as well.
 *
 * @param text CUE's message, such as `conflicting values "x" and int`
 */
export function tellingPlaces(
  positions: readonly Position[],
  { text, userFiles }: { readonly text: string; readonly userFiles: readonly string[] },
): readonly Position[] {
  const sorted = positions.toSorted((a, b) => rank(a, userFiles) - rank(b, userFiles));
  const [first, ...others] = sorted;
  if (first === undefined) return [];
  const own = others.filter((at) => rank(at, userFiles) === 0);
  const foreign = others.filter((at) => {
    const isThere = at.file === first.file && at.line === first.line;
    return rank(at, userFiles) > 0 && !isThere && !isOverlay(at);
  });
  const sides = sidesOf(text);
  const cause = foreign.find((at) => sides.some((side) => textAt(at).startsWith(side)));
  return [first, ...own, ...[cause ?? foreign[0]].filter((at) => at !== undefined)];
}

/** What the user wrote comes first, then the module's own files, then what is vendored, required or added. */
function rank(position: Position, userFiles: readonly string[]): number {
  const { file } = position;
  if (userFiles.includes(file) || path.basename(file) === "values.cue") return 0;
  const isForeign = file.includes("cue.mod/") || /^[^/]+\.[^@]*@v\d/.test(file);
  return isForeign || isOverlay(position) ? 2 : 1;
}

/** Nobody can open it. */
function isOverlay({ file }: Position): boolean {
  return file.endsWith(overlaySchemaFile);
}

function textAt({ lineText, column }: Position): string {
  return Buffer.from(lineText ?? "")
    .subarray(column - 1)
    .toString("utf8");
}

/** How the parts of the schema that a message names begin. */
function sidesOf(text: string): string[] {
  const bound = /\(out of bound (.+)\)$/s.exec(text);
  if (bound) return [bound[1]!];
  const plain = text.replace(/ \(mismatched types [^()]*\)$/, "");
  const conflict = /^conflicting values (.+) and (.+)$/s.exec(plain);
  return (conflict?.slice(1) ?? []).flatMap((side) =>
    // A struct of one field may stand without braces, and the message has no spaces.
    side.startsWith("{") ? ["{", side.slice(1, 5)] : [side],
  );
}
