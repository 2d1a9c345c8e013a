import {
  arrayElements,
  type Diagnostic,
  formatRef,
  identityOf,
  type KubeObject,
  objectMembers,
  refOf,
} from "@tenon/core";

import type { ManifestMap, ManifestNode } from "../manifest/manifest-node.ts";
import type { Manifest } from "../manifest/read-manifests.ts";
import { appendSelector } from "../render/cue-path.ts";

type Scalar = Exclude<ManifestNode, { kind: "list" | "map" }>;
type ManifestList = Extract<ManifestNode, { kind: "list" }>;

/**
 * Says where rendered objects differ from manifests; the order of objects and of the keys of maps
 * does not count. Values are not told, as they may be secret.
 */
export function compareObjects(
  manifests: readonly Manifest[],
  objects: readonly KubeObject[],
): Diagnostic[] {
  const unmatched = new Set(objects);
  const problems = manifests.flatMap(({ ref, node }) => {
    const name = formatRef(ref);
    const object = objects.find((found) => identityOf(refOf(found)) === identityOf(ref));
    if (object === undefined) return [problem(node, "", `${name} is not rendered`)];
    unmatched.delete(object);
    return differences(node, object.json, "").map((found) => ({
      ...found,
      text: `${name} ${found.text}`,
    }));
  });
  const added = [...unmatched].map((object) => ({
    text: `${formatRef(refOf(object))} is rendered in addition`,
    positions: [],
  }));
  return [...problems, ...added];
}

function differences(node: ManifestNode, json: string, path: string): Diagnostic[] {
  switch (node.kind) {
    case "list":
      return listDifferences(node, json, path);
    case "map":
      return mapDifferences(node, json, path);
    case "text":
    case "number":
    case "boolean":
    case "null":
      return isSame(node, json) ? [] : [problem(node, path, "is rendered with another value")];
  }
}

function listDifferences(node: ManifestList, json: string, path: string): Diagnostic[] {
  const elements = arrayElements(json, []);
  if (elements === undefined) return [problem(node, path, "is not rendered as a list")];
  if (elements.length !== node.items.length) {
    const counts = `${elements.length} elements in place of ${node.items.length}`;
    return [problem(node, path, `is rendered with ${counts}`)];
  }
  return node.items.flatMap((item, index) =>
    differences(item, elements[index]!, appendSelector(path, index)),
  );
}

function mapDifferences(node: ManifestMap, json: string, path: string): Diagnostic[] {
  const members = objectMembers(json, []);
  if (members === undefined) return [problem(node, path, "is not rendered as a map")];
  const texts = new Map(members);
  const added = members.filter(([key]) => !node.entries.has(key));
  return [
    ...[...node.entries].flatMap(([key, value]) => {
      const inner = appendSelector(path, key);
      const text = texts.get(key);
      return text === undefined
        ? [problem(value, inner, "is not rendered")]
        : differences(value, text, inner);
    }),
    ...added.map(([key]) => problem(node, appendSelector(path, key), "is rendered in addition")),
  ];
}

/** Whole numbers may have more digits than JavaScript's; of others the spelling does not count. */
function isSame(node: Scalar, json: string): boolean {
  switch (node.kind) {
    case "null":
      return json === "null";
    case "text":
      return json.startsWith('"') && JSON.parse(json) === node.value;
    case "boolean":
      return json === String(node.value);
    case "number":
      return /^-?\d+$/.test(node.value)
        ? json === node.value
        : /^[-\d]/.test(json) && Number(json) === Number(node.value);
  }
}

function problem({ at }: ManifestNode, path: string, text: string): Diagnostic {
  return { text, path, positions: [at] };
}
