import type { Position } from "@tenon/core";

/** The position of an offset, in UTF-16 units, in the text of a file. */
export function offsetPosition(file: string, text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return {
    file,
    line: before.split("\n").length,
    column: Buffer.byteLength(text.slice(start, offset)) + 1,
    lineText: text.slice(start).split("\n", 1)[0],
  };
}
