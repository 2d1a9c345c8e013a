import { type KubeObjectView, type ObjectRef, groupOf } from "@tenon/core";

import { mapBounded } from "../bounded.ts";
import type { ApiResource } from "../client/api-resource.ts";
import { apiVersionOf } from "../client/api-resource.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { type CallOptions, listObjects } from "../client/objects.ts";
import { isKubeError } from "../errors.ts";
import { fieldManager, ownerSelector } from "../identity.ts";
import { managedFields } from "../live-object.ts";
import { inApplyOrder } from "../order.ts";

/** What carries the labels of an instance, and the kinds that could not be looked through. */
export interface OwnedObjects {
  readonly refs: readonly ObjectRef[];
  readonly unread: readonly string[];
  /** Whether the object would have been found if it was there. */
  covers(ref: ObjectRef): boolean;
}

/**
 * Finds every object that carries the owner labels of an instance and that we have applied, over all
 * kinds that the server serves. Where the user may not look everywhere it is the namespace of the
 * instance that is looked through. Copies that controllers make of labelled objects are not taken.
 */
export async function ownedObjects(
  client: KubeClient,
  instance: { readonly name: string; readonly namespace: string },
  options: CallOptions,
): Promise<OwnedObjects> {
  const labelSelector = ownerSelector(instance.name, instance.namespace);
  const read = new Map<string, "everywhere" | "own namespace">();
  const unread: string[] = [];
  const resources = onePerKind(await client.discovery.all(options));
  const lists = await mapBounded(resources, async (resource) => {
    const query = { labelSelector, metadataOnly: true, ...options };
    const places = resource.namespaced ? [undefined, instance.namespace] : [undefined];
    for (const namespace of places) {
      const found = await listUnlessRefused(client, resource, { ...query, namespace });
      if (found === undefined) continue;
      read.set(kindOf(resource), namespace === undefined ? "everywhere" : "own namespace");
      return found;
    }
    unread.push(resource.plural);
    return [];
  });
  const refs = lists.flat().flatMap((view): ObjectRef[] => {
    const applied = managedFields(view).some(
      ({ manager, operation }) => manager === fieldManager && operation === "Apply",
    );
    const { apiVersion, kind, metadata } = view;
    const { namespace, name } = metadata;
    return applied ? [{ apiVersion, kind, ...(namespace && { namespace }), name }] : [];
  });
  return {
    refs: inApplyOrder(refs, (ref) => ref),
    unread,
    covers({ apiVersion, kind, namespace }) {
      const where = read.get(kindOf({ group: groupOf(apiVersion), kind }));
      return where === "everywhere" || (where !== undefined && namespace === instance.namespace);
    },
  };
}

/** Nothing when the user may not look, or the server cannot tell; a kind that is gone has no objects. */
async function listUnlessRefused(
  client: KubeClient,
  resource: ApiResource,
  options: Parameters<typeof listObjects>[2],
): Promise<KubeObjectView[] | undefined> {
  try {
    return await listObjects(client, resource, options);
  } catch (error) {
    if (!isKubeError(error)) throw error;
    return isKubeError(error, "KUBE_KIND_UNKNOWN", "KUBE_NOT_FOUND") ? [] : undefined;
  }
}

function kindOf({ group, kind }: Pick<ApiResource, "group" | "kind">): string {
  return `${group}/${kind}`;
}

/** A kind may be served in several versions: the objects are the same. */
function onePerKind(resources: readonly ApiResource[]): ApiResource[] {
  const byKind = new Map<string, ApiResource>();
  for (const resource of resources) {
    const key = kindOf(resource);
    const listed = resource.verbs.includes("list") && resource.verbs.includes("delete");
    if (listed && !byKind.has(key)) byKind.set(key, resource);
  }
  return [...byKind.values()].filter((resource) => apiVersionOf(resource) !== "events.k8s.io/v1");
}
