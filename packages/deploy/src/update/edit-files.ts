import type { Position } from "@tenon/core";

import { DeployError } from "../errors.ts";
import { offsetPosition } from "../typescript/offset-position.ts";
import type { BundleText, Literal } from "./bundle-text.ts";

/** What a literal is to say. */
export interface Edit {
  readonly literal: Literal;
  readonly text: string;
}

/** A file that changes. */
export interface EditedFile {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Replaces what literals say, with the quotes that they have, and nothing else.
 *
 * @throws DeployError `DEPLOY_UPDATE_CONFLICT` where a literal is to say two things
 */
export function editFiles(texts: readonly BundleText[], edits: readonly Edit[]): EditedFile[] {
  return texts.flatMap(({ name, text: before }) => {
    const own = edits.filter(({ literal }) => literal.file === name);
    const after = unique(own, (offset) => offsetPosition(name, before, offset))
      .toSorted((a, b) => b.literal.start - a.literal.start)
      .reduce(replace, before);
    return after === before ? [] : [{ name, before, after }];
  });
}

function unique(edits: readonly Edit[], placeOf: (offset: number) => Position): readonly Edit[] {
  const byStart = new Map<number, Edit>();
  for (const edit of edits) {
    const { start } = edit.literal;
    const { text = edit.text } = byStart.get(start) ?? {};
    if (text !== edit.text) throw conflict(placeOf(start), [text, edit.text]);
    byStart.set(start, edit);
  }
  return [...byStart.values()];
}

function replace(text: string, { literal: { start, end }, text: now }: Edit): string {
  const first = text[start] ?? "";
  const quote = first === '"' || first === "'" ? first : "";
  return `${text.slice(0, start)}${quote}${now}${quote}${text.slice(end)}`;
}

function conflict(position: Position, wanted: readonly string[]): DeployError {
  const text = `several modules take their version from here, and need ${wanted.join(" and ")}`;
  return new DeployError("DEPLOY_UPDATE_CONFLICT", `Cannot update the bundle: ${text}`, {
    diagnostics: [{ text, positions: [position] }],
    hint: "Write a version for each of them, or update one instance: tenon bundle update INSTANCE",
  });
}
