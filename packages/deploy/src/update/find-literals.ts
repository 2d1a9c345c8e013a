import type { Position } from "@tenon/core";
import type { Bundle, BundleInstance } from "@tenon/schema";

import type { BundleText, Literal } from "./bundle-text.ts";

/** A field of an instance's module. */
export type ModuleField = "version" | "digest";

/** Where a field of a module is written. */
export interface WrittenField {
  /** Literals that hold it, all of which have to be changed; none where it is computed. */
  readonly literals: readonly Literal[];
  /** The first place that has to do with it, for messages. */
  readonly position: Position | undefined;
}

/** Finds out where a field of the module of an instance is written as a plain string. */
export async function findLiterals(
  texts: readonly BundleText[],
  bundle: Bundle,
  { instance, field }: { readonly instance: BundleInstance; readonly field: ModuleField },
): Promise<WrittenField> {
  const value = instance.module[field] ?? "";
  const [positions = []] = await bundle.locateAll([`${instance.path}.module.${field}`]);
  const inCue = positions.flatMap((at) => {
    const file = texts.find(({ name, isCue }) => isCue && name === at.file);
    return (file && literalAt(file, at, { field, value })) ?? [];
  });
  const inData = texts.flatMap(
    ({ find }) => find(["instances", instance.name, "module", field]) ?? [],
  );
  const literals = [...inCue, ...inData].filter((one) => textOf(texts, one) === value);
  return { literals, position: positions[0] ?? instance.modulePosition };
}

/** The literal of a field `version: "1.2.0"` in CUE that begins at a position; nothing of more than that. */
function literalAt(
  { name, text }: BundleText,
  { line, column }: Position,
  { field, value }: { readonly field: ModuleField; readonly value: string },
): Literal | undefined {
  const lines = text.split("\n");
  const lineText = lines[line - 1] ?? "";
  const lineStart = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const before = Buffer.from(lineText)
    .subarray(0, column - 1)
    .toString("utf8");
  const after = lineText.slice(before.length);
  const literal = `"${value}"`;
  const isField = new RegExp(`(?<![\\w$#])"?${field}"?[!?]?:\\s*$`).test(before);
  const isAlone = /^\s*(?:[,}]|\/\/|$)/.test(after.slice(literal.length));
  if (!isField || !after.startsWith(literal) || !isAlone) return undefined;
  const start = lineStart + before.length;
  return { file: name, start, end: start + literal.length };
}

/** What a literal says; nothing where it has escapes, which no version and no digest needs. */
function textOf(texts: readonly BundleText[], { file, start, end }: Literal): string | undefined {
  const written = texts.find(({ name }) => name === file)!.text.slice(start, end);
  return /^(["']?)([^"'\\\n]*)\1$/.exec(written)?.[2];
}
