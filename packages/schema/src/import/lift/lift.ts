import type { ManifestNode } from "../../manifest/manifest-node.ts";
import { type ConfigField, type ConfigGroup, groupAt } from "../config-tree.ts";
import { configRef, type Text, textLiteral } from "../cue-text.ts";
import type { Draft } from "../draft.ts";

/** A value that is lifted out of a manifest. */
export interface Lifted {
  readonly path: readonly [...string[], string];
  readonly doc: string;
  /** CUE text of the type. */
  readonly type: string;
}

/** Makes a value of `#Config` that has the manifest's value as default, and uses it in its place. */
export function lift(draft: Draft, node: ManifestNode, lifted: Lifted): void {
  const fallback = literalOf(node);
  if (fallback === undefined) return;
  const type = `*${fallback} | ${lifted.type}`;
  addField(draft.config, lifted.path, { doc: lifted.doc, type, marker: "" });
  draft.expressions.set(node, configRef(lifted.path));
}

/** As {@link lift}, for texts of which parts follow the instance. */
export function textField(doc: string, text: Text): Omit<ConfigField, "kind"> {
  return { doc, type: `*${textLiteral(text, "config")} | string`, marker: "" };
}

/** Adds a field at a path. */
export function addField(
  config: ConfigGroup,
  path: readonly string[],
  field: Omit<ConfigField, "kind">,
): void {
  const group = groupAt(config, path.slice(0, -1));
  group.members.set(path.at(-1)!, { kind: "field", ...field });
}

function literalOf(node: ManifestNode): string | undefined {
  switch (node.kind) {
    case "text":
      return JSON.stringify(node.value);
    case "number":
      return node.value;
    case "boolean":
      return String(node.value);
    case "null":
    case "list":
    case "map":
      return undefined;
  }
}
