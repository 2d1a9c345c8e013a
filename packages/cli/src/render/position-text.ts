import type { Position } from "@tenon/core";

/** `bundle.cue:4:12`; nothing of what stands nowhere. */
export function placeText(position: Position | undefined): string {
  return position === undefined ? "" : `${position.file}:${position.line}:${position.column}`;
}
