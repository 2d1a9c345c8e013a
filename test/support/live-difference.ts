import type { KubeObjectView } from "@tenon/core";

import { isOfVolumeController } from "./cluster-state.ts";

/** What says who applied an object, and when, and nothing of what it is. */
const ownership = new Set([
  "metadata.uid",
  "metadata.resourceVersion",
  "metadata.creationTimestamp",
  "metadata.generation",
  "metadata.managedFields",
]);
/** What an API server and its controllers choose anew for each object. */
const chosen: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^status\./, /^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"$/, "a time"],
  [/^spec\.clusterIPs?\b/, /^"10\.96\.\d+\.\d+"$/, "an address"],
  [/^spec\.volumeName$/, /^"pvc-[-0-9a-f]{36}"$/, "a volume"],
  [/^spec\..*controller-uid$/, /^"[-0-9a-f]{36}"$/, "an id"],
];
const ownerLabel = /^(tenon\.dev|kustomize\.toolkit\.fluxcd\.io)\//;

/** Names the fields in which two sets of live objects are different, without those of ownership. */
export function liveDifferences(
  left: readonly KubeObjectView[],
  right: readonly KubeObjectView[],
): string[] {
  const [a, b] = [byName(left), byName(right)];
  return [...new Set([...a.keys(), ...b.keys()])].toSorted().flatMap((name) => {
    if (!a.has(name) || !b.has(name)) return [`${name}: only on one side`];
    const fields = [fieldsOf(a.get(name)), fieldsOf(b.get(name))] as const;
    const paths = new Set([...fields[0].keys(), ...fields[1].keys()]);
    return [...paths].flatMap((path) => {
      const [one, other] = fields.map((each) => each.get(path) ?? "nothing");
      return one === other ? [] : [`${name}: ${path}: ${one} ≠ ${other}`];
    });
  });
}

function byName(objects: readonly KubeObjectView[]): Map<string, KubeObjectView> {
  return new Map(
    objects.map((object) => {
      const { name, namespace = "" } = object.metadata;
      return [`${object.apiVersion} ${object.kind} ${namespace}/${name}`, object];
    }),
  );
}

/** The leaves of an object as JSON, by their path. */
function fieldsOf(value: unknown, path = ""): Map<string, string> {
  if (ownership.has(path)) return new Map();
  const isLeaf = typeof value !== "object" || value === null || Object.keys(value).length === 0;
  if (isLeaf) return new Map([[path, neutral(path, JSON.stringify(value))]]);
  const isOwned = path === "metadata.labels" || path === "metadata.annotations";
  return new Map(
    Object.entries(value).flatMap(([key, member]) => {
      if (isOwned && (ownerLabel.test(key) || isOfVolumeController.test(key))) return [];
      return [...fieldsOf(member, path === "" ? key : `${path}.${key}`)];
    }),
  );
}

function neutral(path: string, json: string): string {
  const found = chosen.find(([where, what]) => where.test(path) && what.test(json));
  return found?.[2] ?? json;
}
