import path from "node:path";

import type { Position } from "@tenon/core";

/** A place as other programs want it: from the root, with slashes, and columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The place of a position. */
export function placeOf({ file, line, column, lineText }: Position, root: string = "."): Place {
  const from = path.relative(path.resolve(root), path.resolve(file)) || file;
  const before = Buffer.from(lineText ?? "").subarray(0, column - 1);
  const exact = lineText === undefined ? column : before.toString("utf8").length + 1;
  return { file: from.split(path.sep).join("/"), line, column: exact };
}
