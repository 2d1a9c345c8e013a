import type { ManifestMap, ManifestNode } from "./manifest-node.ts";

const serverFields: ReadonlySet<string> = new Set([
  "status",
  "metadata.creationTimestamp",
  "metadata.generation",
  "metadata.managedFields",
  "metadata.resourceVersion",
  "metadata.selfLink",
  "metadata.uid",
]);

const serverAnnotations: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deployment.kubernetes.io/revision",
]);

/** A manifest without what is not its author's, and the paths of what was left out. */
export interface CleanManifest {
  readonly node: ManifestMap;
  readonly dropped: readonly string[];
}

/**
 * Leaves out what the API server writes and, with `dropNulls`, fields that are null: the API server
 * reads those of its own kinds as fields that are not there.
 */
export function cleanManifest(
  node: ManifestMap,
  options: { readonly dropNulls: boolean },
): CleanManifest {
  const dropped: string[] = [];
  return { node: cleanMap(node, ""), dropped };

  function cleanMap(map: ManifestMap, path: string): ManifestMap {
    const entries = new Map<string, ManifestNode>();
    for (const [key, value] of map.entries) {
      const inner = path === "" ? key : `${path}.${key}`;
      if (isServers(path, key, inner) || (options.dropNulls && value.kind === "null")) {
        dropped.push(inner);
        continue;
      }
      const cleaned = clean(value, inner);
      if (isEmptied(value, cleaned) && inner === "metadata.annotations") continue;
      entries.set(key, cleaned);
    }
    return { ...map, entries };
  }

  function clean(value: ManifestNode, path: string): ManifestNode {
    if (value.kind === "map") return cleanMap(value, path);
    if (value.kind !== "list") return value;
    return { ...value, items: value.items.map((item, index) => clean(item, `${path}[${index}]`)) };
  }
}

function isServers(parent: string, key: string, path: string): boolean {
  return (
    serverFields.has(path) || (parent === "metadata.annotations" && serverAnnotations.has(key))
  );
}

function isEmptied(before: ManifestNode, after: ManifestNode): boolean {
  return (
    before.kind === "map" && before.entries.size > 0 && after.kind === "map" && !after.entries.size
  );
}
