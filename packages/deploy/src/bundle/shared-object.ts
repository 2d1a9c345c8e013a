import { type KubeObject, type ObjectRef, groupOf, identityOf, refOf } from "@tenon/core";
import { isNamespaced } from "@tenon/schema";

import { definedKind } from "./graph.ts";

/** An instance with its objects. */
export interface InstanceObjects {
  readonly name: string;
  /** Of objects that name none. */
  readonly namespace: string;
  readonly objects: readonly KubeObject[];
}

/** An object that two instances have. */
export interface SharedObject {
  readonly ref: ObjectRef;
  /** Names of the two. */
  readonly instances: readonly [string, string];
}

/** Finds the first object that two instances have: applied, the second would be refused it. */
export async function findSharedObject(
  instances: readonly InstanceObjects[],
): Promise<SharedObject | undefined> {
  const clusterWide = clusterWideKinds(instances);
  const owners = new Map<string, string>();
  for (const { name, namespace, objects } of instances) {
    for (const object of objects) {
      const ref = refOf(object);
      const isClusterWide =
        clusterWide.has(`${groupOf(ref.apiVersion)}/${ref.kind}`) ||
        (await isNamespaced(ref.apiVersion, ref.kind)) === false;
      const place = isClusterWide ? undefined : (ref.namespace ?? namespace);
      const id = identityOf({ ...ref, namespace: place });
      const other = owners.get(id);
      if (other !== undefined && other !== name) return { ref, instances: [other, name] };
      owners.set(id, name);
    }
  }
  return undefined;
}

/** Kinds that the instances themselves define and that live in no namespace. */
function clusterWideKinds(instances: readonly InstanceObjects[]): Set<string> {
  const views = instances.flatMap(({ objects }) => objects.map(({ view }) => view));
  const kinds = views.flatMap((view) => {
    const kind = definedKind(view);
    const { scope } = (view["spec"] ?? {}) as { readonly scope?: string };
    return kind !== undefined && scope === "Cluster" ? [kind] : [];
  });
  return new Set(kinds);
}
