import { entriesAt } from "../../manifest/manifest-node.ts";
import type { Manifest } from "../../manifest/read-manifests.ts";
import { groupAt } from "../config-tree.ts";
import { configRef } from "../cue-text.ts";
import { type Draft, type ValueTree, valueTree } from "../draft.ts";
import { addField } from "./lift.ts";
import { partOf } from "./part.ts";

/**
 * Requires the values of a Secret of the users of the module: none becomes a default. They are given
 * as text, and bytes that are no text in base64.
 */
export function liftSecret(draft: Draft, manifest: Manifest): void {
  const { node, ref } = manifest;
  const data = entriesAt(node, "data").map(([key, value]) => ({ key, value, isEncoded: true }));
  const texts = entriesAt(node, "stringData").map(([key, value]) => ({
    key,
    value,
    isEncoded: false,
  }));
  if (data.length + texts.length === 0) return;
  const path = partOf(draft, manifest, "secret", "secrets");
  const group = groupAt(draft.config, path);
  group.doc = `Values of Secret ${ref.name}. They are not part of the module.`;
  for (const { key, value, isEncoded } of [...data, ...texts]) {
    if (value.kind !== "text") continue;
    const plain = isEncoded ? decoded(value.value) : value.value;
    const at = [...path, group.members.has(key) ? `${key}Text` : key];
    addField(draft.config, at, {
      doc: plain === undefined ? `${key}, in base64.` : `${key}, as it is.`,
      type: "string",
      marker: "!",
    });
    setValue(draft.secrets, at, plain ?? value.value);
    // The definition of Secrets has bytes where manifests have base64.
    const text = plain === undefined ? configRef(at) : `base64.Encode(null, ${configRef(at)})`;
    draft.expressions.set(value, isEncoded ? `'\\(${text})'` : configRef(at));
  }
}

/** The text in base64, unless it is something else or would not come out the same again. */
function decoded(base64: string): string | undefined {
  const bytes = Buffer.from(base64, "base64");
  const text = bytes.toString("utf8");
  const isSame = Buffer.from(text).equals(bytes) && bytes.toString("base64") === base64;
  return isSame && !text.includes("\0") ? text : undefined;
}

function setValue(tree: ValueTree, path: readonly string[], value: string): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = (tree[key] ??= valueTree());
  if (typeof inner === "object") setValue(inner, rest, value);
}
