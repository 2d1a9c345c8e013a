import type { ManifestMap, ManifestNode } from "../manifest/manifest-node.ts";
import type { Manifest } from "../manifest/read-manifests.ts";
import { label, textLiteral } from "./cue-text.ts";
import type { Draft } from "./draft.ts";
import type { KindDefinition } from "./kind-definition.ts";

const widest = 72;

/** The file with the template of one object. */
export function printTemplate(
  draft: Draft,
  manifest: Manifest,
  options: { readonly definition: string; readonly type: KindDefinition | undefined },
): string {
  const { definition, type } = options;
  const lines = [...manifest.node.entries].map((entry) => printEntry(draft, entry, "\t"));
  const typed = type === undefined ? "" : `${type.alias}.#${manifest.ref.kind} & `;
  const body = [
    `#${definition}: ${typed}{`,
    "\t#config: #Config",
    "",
    ...lines.map((line) => `\t${line}`),
    "}",
  ].join("\n");
  const imports = [
    ...(usesBase64(draft, manifest.node) ? ['"encoding/base64"'] : []),
    ...(type === undefined ? [] : [`${type.alias} ${JSON.stringify(type.importPath)}`]),
  ];
  return ["package templates", ...printImports(imports), `${body}\n`].join("\n\n");
}

function usesBase64(draft: Draft, node: ManifestNode): boolean {
  if (draft.expressions.get(node)?.includes("base64.Encode(")) return true;
  if (node.kind === "list") return node.items.some((item) => usesBase64(draft, item));
  return node.kind === "map" && [...node.entries.values()].some((item) => usesBase64(draft, item));
}

/** The import declaration, if there is anything to import. */
export function printImports(imports: readonly string[]): string[] {
  if (imports.length === 0) return [];
  if (imports.length === 1) return [`import ${imports[0]}`];
  return [["import (", ...imports.map((line) => `\t${line}`), ")"].join("\n")];
}

/** A field; a map of one field is written in its line: `metadata: labels: app: "shop"`. */
function printEntry(
  draft: Draft,
  [key, node]: readonly [string, ManifestNode],
  indent: string,
): string {
  return `${label(key, "template")}: ${printValue(draft, node, indent)}`;
}

function printValue(draft: Draft, node: ManifestNode, indent: string): string {
  const expression = draft.expressions.get(node);
  if (expression !== undefined) return expression;
  switch (node.kind) {
    case "null":
      return "null";
    case "number":
      return node.value;
    case "boolean":
      return String(node.value);
    case "text":
      return textLiteral(draft.texts.get(node) ?? [node.value], "template", indent);
    case "list":
      return printList(draft, node.items, indent);
    case "map":
      return printMap(draft, node, indent);
  }
}

function printMap(draft: Draft, node: ManifestMap, indent: string): string {
  const additions = draft.additions.get(node) ?? [];
  const inner = `${indent}\t`;
  const kept = [...node.entries].filter(([, value]) => draft.expressions.get(value) !== "");
  if (additions.length === 1 && kept.length === 0) return additions[0]!;
  const [only] = kept;
  if (only !== undefined && kept.length === 1 && additions.length === 0) {
    return printEntry(draft, only, indent);
  }
  if (kept.length === 0 && additions.length === 0) return "{}";
  const lines = [
    ...additions.flatMap((text) => text.split("\n")),
    ...kept.map((entry) => printEntry(draft, entry, inner)),
  ];
  return ["{", ...lines.map((line) => `${inner}${line}`), `${indent}}`].join("\n");
}

function printList(draft: Draft, items: readonly ManifestNode[], indent: string): string {
  const inner = `${indent}\t`;
  const kept = items.filter((item) => draft.expressions.get(item) !== "");
  const short = kept.map((item) => inBraces(draft, item, indent));
  const line = `[${short.join(", ")}]`;
  const isSimple = kept.every((item) => item.kind !== "map" && item.kind !== "list");
  if (kept.length === 1 || (isSimple && line.length <= widest && !line.includes("\n"))) return line;
  const texts = kept.map((item) => inBraces(draft, item, inner));
  return ["[", ...texts.map((text) => `${inner}${text},`), `${indent}]`].join("\n");
}

/** A list element: the one field of a map needs braces there. */
function inBraces(draft: Draft, node: ManifestNode, indent: string): string {
  const text = printValue(draft, node, indent);
  const isBare = node.kind === "map" && !draft.expressions.has(node) && !/^[{#]/.test(text);
  return isBare ? `{${text}}` : text;
}
