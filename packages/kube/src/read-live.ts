import { type KubeObjectView, type ObjectRef, identityOf } from "@tenon/core";

import { mapBounded } from "./bounded.ts";
import type { ApiResource } from "./client/api-resource.ts";
import type { KubeClient } from "./client/kube-client.ts";
import { type CallOptions, getObject, listObjects } from "./client/objects.ts";
import { isKubeError } from "./errors.ts";
import type { SharedReads } from "./shared-reads.ts";

/** An object to look up, with its place on the server. */
export interface Located {
  readonly ref: ObjectRef;
  readonly resource: ApiResource;
  /** Its metadata is all that is asked for; more may come. */
  readonly metadataOnly?: boolean | undefined;
  /** It carries no owner label: lists and watches by label do not find it. */
  readonly unlabelled?: boolean | undefined;
}

/** From this many objects of one kind on, one list call is cheaper than single reads. */
const listFrom = 2;

/** How to read objects. */
export interface ReadOptions extends CallOptions {
  /** Label selector that finds them. */
  readonly selector: string;
  /** What the run reads for many instances at once. */
  readonly reads?: SharedReads | undefined;
}

/**
 * Reads objects, those of the same kind and namespace with one list call where the owner labels
 * find them. The answer holds what was found, by identity.
 */
export async function readLive(
  client: KubeClient,
  objects: readonly Located[],
  options: ReadOptions,
): Promise<Map<string, KubeObjectView>> {
  const found = new Map<string, KubeObjectView>();
  const single: Located[] = [];
  await mapBounded([...groups(objects).values()], async (group) => {
    const listed = await list(client, group, options);
    for (const object of group) {
      const view = listed?.get(identityOf(object.ref));
      if (view === undefined) single.push(object);
      else found.set(identityOf(object.ref), view);
    }
  });
  await mapBounded(
    single,
    async ({ ref, resource, metadataOnly }) => {
      const { signal } = options;
      const view = await getObject(client, resource, ref, { signal, metadataOnly });
      if (view !== undefined) found.set(identityOf(ref), view);
    },
    options.signal,
  );
  return found;
}

/** The objects of a group by identity; nothing when a list does not pay, or the user may not list. */
async function list(
  client: KubeClient,
  group: readonly Located[],
  options: ReadOptions,
): Promise<ReadonlyMap<string, KubeObjectView> | undefined> {
  const { ref, resource } = group[0]!;
  const metadataOnly = group.every((object) => object.metadataOnly === true);
  if (metadataOnly && options.reads !== undefined) {
    const shared = await options.reads.metadata(resource, { signal: options.signal });
    if (shared !== undefined) return shared;
  }
  if (group.length < listFrom) return undefined;
  try {
    const views = await listObjects(client, resource, {
      namespace: ref.namespace,
      labelSelector: options.selector,
      metadataOnly,
      signal: options.signal,
    });
    return new Map(
      views.map((view) => {
        const { namespace, name } = view.metadata;
        return [identityOf({ ...ref, namespace, name }), view];
      }),
    );
  } catch (error) {
    if (isKubeError(error, "KUBE_FORBIDDEN", "KUBE_KIND_UNKNOWN")) return undefined;
    throw error;
  }
}

function groups(objects: readonly Located[]): Map<string, Located[]> {
  const byPlace = new Map<string, Located[]>();
  for (const object of objects) {
    const { group, version, plural } = object.resource;
    const part = object.metadataOnly === true ? "metadata" : "whole";
    const key = [group, version, plural, object.ref.namespace, part].join("|");
    byPlace.set(key, [...(byPlace.get(key) ?? []), object]);
  }
  return byPlace;
}
