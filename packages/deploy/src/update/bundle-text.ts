import type { Program } from "oxc-parser";
import type { Document } from "yaml";

import { readDeclaration } from "../bundle/read-declarations.ts";
import { stringLiteral } from "../typescript/literal-place.ts";

/** A string literal in a file, with its quotes. Offsets are in UTF-16 units. */
export interface Literal {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A file of a bundle, to find literals in. */
export interface BundleText {
  readonly name: string;
  readonly text: string;
  readonly isCue: boolean;
  /** The literal at a path of the bundle; nothing of CUE, whose paths lead anywhere. */
  readonly find: (path: readonly string[]) => Literal | undefined;
}

/**
 * Reads a file of a bundle.
 *
 * @throws DeployError `DEPLOY_BUNDLE_UNREADABLE`
 */
export async function readBundleText(name: string): Promise<BundleText> {
  const text = Buffer.from(await readDeclaration(name)).toString("utf8");
  const file = { name, text, isCue: false };
  if (/\.m?ts$/.test(name)) {
    const { parseSync } = await import("oxc-parser");
    const { program } = parseSync(name, text, { sourceType: "module" });
    return { ...file, find: (path) => inTypeScript(name, program, path) };
  }
  if (/\.(ya?ml|json)$/.test(name)) {
    const { parseYaml } = await import("./yaml-document.ts");
    const document = parseYaml(text);
    return { ...file, find: (path) => inYaml(name, document, path) };
  }
  return { ...file, isCue: true, find: () => undefined };
}

function inTypeScript(
  file: string,
  program: Program,
  path: readonly string[],
): Literal | undefined {
  const found = stringLiteral(program, path);
  return found && { file, ...found };
}

function inYaml(file: string, document: Document, path: readonly string[]): Literal | undefined {
  const node = document.getIn(["bundle", ...path], true) as
    | { readonly value?: unknown; readonly range?: readonly [number, number, number] | null }
    | undefined;
  if (typeof node?.value !== "string" || node.range == null) return undefined;
  const [start, end] = node.range;
  return { file, start, end };
}
