import {
  entriesAt,
  type ManifestMap,
  type ManifestNode,
  nodeAt,
  textAt,
} from "../manifest/manifest-node.ts";
import type { Manifest } from "../manifest/read-manifests.ts";
import type { Draft } from "./draft.ts";
import { followingName, hasOwnName } from "./plan-instance.ts";

/** Maps and lists whose `name` names another object. */
const referrers = /([Rr]efs?|^(configMap|secret|service|subjects|imagePullSecrets|secrets))$/;
/** Fields that hold the name of another object. */
const nameFields =
  /^(secretName|claimName|serviceName|serviceAccount(Name)?|configMapName|configMap|tlsSecret(Name)?)$/;
/** Labels that tell the objects of one instance from those of another. */
const instanceLabels: ReadonlySet<string> = new Set([
  "app",
  "app.kubernetes.io/instance",
  "app.kubernetes.io/name",
  "instance",
  "k8s-app",
  "name",
  "release",
]);
const labelMaps: ReadonlySet<string> = new Set(["labels", "matchLabels", "selector"]);

/**
 * Makes names, namespaces and labels of an object follow those of the instance: its own, and those in
 * fields that refer to other objects.
 */
export function followNames(draft: Draft, manifest: Manifest): void {
  const { ref, node } = manifest;
  if (hasOwnName(manifest)) followText(draft, nodeAt(node, "metadata", "name"));
  if (ref.kind === "Namespace" && ref.name === draft.plan.namespace) {
    followNamespace(draft, nodeAt(node, "metadata", "name"));
  }
  followNamespace(draft, nodeAt(node, "metadata", "namespace"));
  followLabels(draft, nodeAt(node, "metadata", "labels"));
  // A definition is for all instances, and its schema is no place for names.
  if (ref.kind === "CustomResourceDefinition") return;
  for (const [key, value] of node.entries) if (key !== "metadata") walk(draft, value, key);
}

function walk(draft: Draft, node: ManifestNode, key: string): void {
  if (node.kind === "list") {
    for (const item of node.items) {
      if (key === "resourceNames") followText(draft, item);
      walk(draft, item, key);
    }
  }
  if (node.kind !== "map") return;
  if (labelMaps.has(key)) followLabels(draft, node);
  if (referrers.test(key)) followText(draft, node.entries.get("name"));
  followExpression(draft, node);
  for (const [name, value] of node.entries) {
    if (nameFields.test(name)) followText(draft, value);
    if (name === "namespace" || name === "kubernetes.io/metadata.name") {
      followNamespace(draft, value);
    }
    walk(draft, value, name);
  }
}

function followLabels(draft: Draft, node: ManifestNode | undefined): void {
  for (const [key, value] of entriesAt(node)) if (instanceLabels.has(key)) followText(draft, value);
}

/** `{key: app, operator: In, values: [shop]}` */
function followExpression(draft: Draft, node: ManifestMap): void {
  const values = nodeAt(node, "values");
  if (values?.kind !== "list" || !instanceLabels.has(textAt(node, "key") ?? "")) return;
  for (const value of values.items) followText(draft, value);
}

function followText(draft: Draft, node: ManifestNode | undefined): void {
  if (node?.kind !== "text") return;
  const text = followingName(node.value, draft.plan);
  if (text !== undefined) draft.texts.set(node, text);
}

function followNamespace(draft: Draft, node: ManifestNode | undefined): void {
  if (node?.kind !== "text" || node.value !== draft.plan.namespace) return;
  draft.texts.set(node, [{ metadata: "namespace" }]);
}
