import {
  itemsAt,
  type ManifestMap,
  type ManifestNode,
  textAt,
} from "../../manifest/manifest-node.ts";
import { isSecretPath } from "../../render/hide-secrets.ts";
import { groupAt } from "../config-tree.ts";
import { configRef } from "../cue-text.ts";
import type { Draft } from "../draft.ts";
import { followHosts } from "../follow-hosts.ts";
import { addField, textField } from "./lift.ts";

const shellName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Takes the plain values of environment variables from the values. Where they stand in one row, and
 * none is made of others, users may add to them; else the list keeps its order and its names.
 */
export function liftEnvironment(
  draft: Draft,
  container: ManifestMap,
  options: { readonly path: readonly string[]; readonly doc: string; readonly owner: string },
): void {
  const items = itemsAt(container, "env");
  const plain = items.filter(isPlain);
  const names = plain.map((item) => textAt(item, "name")!);
  if (plain.length === 0 || new Set(names).size < names.length) return;
  const group = groupAt(draft.config, options.path);
  group.doc = options.doc;
  for (const item of plain) {
    const name = textAt(item, "name")!;
    const text = textAt(item, "value")!;
    addField(draft.config, [...options.path, name], textField("", followHosts(draft, text, name)));
    if (isSecretPath(name) && text !== "") {
      draft.notes.push(
        `${options.owner}: ${name} may be a secret, and its value is a default in config.cue`,
      );
    }
  }
  if (isRow(items, plain) && names.every((name) => shellName.test(name))) {
    group.pattern = "core.#EnvName";
    const [first, ...rest] = plain;
    const each = `for key, text in ${configRef(options.path)} {name: key, value: text}`;
    draft.expressions.set(first!, each);
    for (const item of rest) draft.expressions.set(item, "");
    return;
  }
  for (const item of plain) {
    const value = item.entries.get("value")!;
    draft.expressions.set(value, configRef([...options.path, textAt(item, "name")!]));
  }
}

/** `{name, value}` with a text. */
function isPlain(item: ManifestNode): item is ManifestMap {
  return (
    item.kind === "map" &&
    item.entries.size === 2 &&
    textAt(item, "name") !== undefined &&
    textAt(item, "value") !== undefined
  );
}

function isRow(items: readonly ManifestNode[], plain: readonly ManifestNode[]): boolean {
  const start = items.indexOf(plain[0]!);
  return plain.every(
    (item, index) =>
      items[start + index] === item && !/\$\([^)]+\)/.test(textAt(item, "value") ?? ""),
  );
}
