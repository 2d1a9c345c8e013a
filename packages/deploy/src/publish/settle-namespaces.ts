import { type KubeObject, deleteMember, groupOf, kubeObject, setMember } from "@tenon/core";
import { isNamespaced } from "@tenon/schema";

import { definedKind } from "../bundle/graph.ts";

/** Objects of an instance, and the namespace of those that name none. */
export interface NamespacedObjects {
  readonly namespace: string;
  readonly objects: readonly KubeObject[];
}

/**
 * Writes the namespace into objects of which an apply would say it in the request: Flux takes none
 * without, and waits forever for a cluster-wide object with one. Objects of kinds that neither
 * Kubernetes nor the objects define stay as they are.
 */
export async function settleNamespaces(
  instances: readonly NamespacedObjects[],
): Promise<KubeObject[]> {
  const scopes = definedScopes(instances.flatMap(({ objects }) => objects));
  const settled = instances.flatMap(({ namespace, objects }) =>
    objects.map(async (object) => {
      const { apiVersion, kind, metadata } = object.view;
      const known = await isNamespaced(apiVersion, kind);
      const isInNamespace = known ?? scopes.get(`${groupOf(apiVersion)}/${kind}`);
      if (isInNamespace === undefined || isInNamespace === Boolean(metadata.namespace)) {
        return object;
      }
      const path = ["metadata", "namespace"];
      return kubeObject(
        isInNamespace
          ? setMember(object.json, path, JSON.stringify(namespace))
          : deleteMember(object.json, path),
      );
    }),
  );
  return Promise.all(settled);
}

/** Whether objects of the kinds that are defined among the objects live in a namespace. */
function definedScopes(objects: readonly KubeObject[]): ReadonlyMap<string, boolean> {
  const scopes = objects.flatMap(({ view }): [string, boolean][] => {
    const kind = definedKind(view);
    const spec = view["spec"] as { readonly scope?: string } | undefined;
    return kind === undefined ? [] : [[kind, spec?.scope !== "Cluster"]];
  });
  return new Map(scopes);
}
