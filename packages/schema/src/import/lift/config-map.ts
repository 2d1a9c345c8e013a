import { entriesAt, nodeAt } from "../../manifest/manifest-node.ts";
import type { Manifest } from "../../manifest/read-manifests.ts";
import { isSecretPath } from "../../render/hide-secrets.ts";
import { groupAt } from "../config-tree.ts";
import { configRef } from "../cue-text.ts";
import type { Draft } from "../draft.ts";
import { followHosts } from "../follow-hosts.ts";
import { addField, textField } from "./lift.ts";
import { partOf } from "./part.ts";

const mostCharacters = 256;

/** Takes the short texts of a ConfigMap from the values; files stay in the template. */
export function liftConfigMap(draft: Draft, manifest: Manifest): void {
  const { node, ref } = manifest;
  const data = nodeAt(node, "data");
  if (data?.kind !== "map") return;
  const simple = entriesAt(data).flatMap(([key, value]) =>
    value.kind === "text" && !value.value.includes("\n") && value.value.length <= mostCharacters
      ? [{ key, value }]
      : [],
  );
  const path = simple.length === 0 ? [] : partOf(draft, manifest, "settings", "settings");
  for (const { key, value } of simple) {
    const text = followHosts(draft, value.value, key);
    addField(draft.config, [...path, key], textField("", text));
    draft.expressions.set(value, "");
    if (isSecretPath(key) && value.value !== "") {
      draft.notes.push(
        `ConfigMap ${ref.name}: ${key} may be a secret, and its value is a default in config.cue`,
      );
    }
  }
  if (simple.length > 0) {
    const group = groupAt(draft.config, path);
    group.doc = `Settings in ConfigMap ${ref.name}.`;
    group.pattern = "core.#ConfigKey";
    draft.additions.set(data, [configRef(path)]);
  }
  for (const [key, value] of entriesAt(data)) {
    if (value.kind !== "text" || draft.expressions.has(value)) continue;
    draft.texts.set(value, followHosts(draft, value.value, key));
  }
}
