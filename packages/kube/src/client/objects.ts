import { type KubeObjectView, type ObjectRef, formatRef } from "@tenon/core";

import { isKubeError } from "../errors.ts";
import { fieldManager } from "../identity.ts";
import { parseLive } from "../live-object.ts";
import { type ApiResource, apiVersionOf } from "./api-resource.ts";
import type { KubeClient } from "./kube-client.ts";
import { resourcePath } from "./resource-path.ts";

/** Options of every single call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Reads one object; nothing comes back when it, or its kind, does not exist. */
export async function getObject(
  client: KubeClient,
  resource: ApiResource,
  ref: ObjectRef,
  options: CallOptions & {
    /** Leaves out all but the metadata. */
    readonly metadataOnly?: boolean | undefined;
  } = {},
): Promise<KubeObjectView | undefined> {
  try {
    const response = await atItsPlace(client, resource, options, (place) =>
      client.request({
        method: "GET",
        path: resourcePath(place, ref.namespace, ref.name),
        accept: options.metadataOnly ? partialMetadata("PartialObjectMetadata") : undefined,
        action: `read ${formatRef(ref)}`,
        signal: options.signal,
      }),
    );
    const view = parseLive(response.text);
    return options.metadataOnly ? { ...view, apiVersion: ref.apiVersion, kind: ref.kind } : view;
  } catch (error) {
    if (isKubeError(error, "KUBE_NOT_FOUND", "KUBE_KIND_UNKNOWN", "KUBE_NAMESPACE_NOT_FOUND")) {
      return undefined;
    }
    throw error;
  }
}

/** Reads all objects of a kind that a label selector takes, page by page. */
export async function listObjects(
  client: KubeClient,
  resource: ApiResource,
  options: CallOptions & {
    readonly namespace?: string | undefined;
    readonly labelSelector?: string | undefined;
    readonly fieldSelector?: string | undefined;
    /** Leaves out all but the metadata. */
    readonly metadataOnly?: boolean | undefined;
  } = {},
): Promise<KubeObjectView[]> {
  const list = (place: ApiResource): Promise<Snapshot> => listSnapshot(client, place, options);
  return (await atItsPlace(client, resource, options, list)).objects;
}

/** A list with the version of the cluster that it shows: a watch goes on from there. */
export interface Snapshot {
  readonly objects: KubeObjectView[];
  readonly resourceVersion: string;
}

/** As {@link listObjects}, with the version that a watch can go on from. */
export async function listSnapshot(
  client: KubeClient,
  resource: ApiResource,
  options: Parameters<typeof listObjects>[2] = {},
): Promise<Snapshot> {
  const objects: KubeObjectView[] = [];
  let from: string | undefined;
  let resourceVersion = "";
  do {
    const response = await client.request({
      method: "GET",
      path: resourcePath(resource, options.namespace),
      query: {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: 500,
        continue: from,
      },
      accept: options.metadataOnly ? partialMetadata("PartialObjectMetadataList") : undefined,
      action: `list ${resource.plural}${options.namespace ? ` in ${options.namespace}` : ""}`,
      signal: options.signal,
    });
    const list = parseLive(response.text) as unknown as ObjectList;
    const apiVersion = apiVersionOf(resource);
    for (const item of list.items ?? []) objects.push({ ...item, apiVersion, kind: resource.kind });
    from = list.metadata.continue || undefined;
    resourceVersion ||= list.metadata.resourceVersion ?? "";
  } while (from !== undefined);
  return { objects, resourceVersion };
}

function partialMetadata(kind: "PartialObjectMetadata" | "PartialObjectMetadataList"): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
}

interface ObjectList {
  readonly metadata: { readonly continue?: string; readonly resourceVersion?: string };
  readonly items?: readonly Pick<KubeObjectView, "metadata">[];
}

/** What a server-side apply answered. */
export interface ApplyAnswer {
  readonly view: KubeObjectView;
  readonly created: boolean;
  readonly warnings: readonly string[];
}

/** Applies the JSON text of one object on the server. */
export async function serverSideApply(
  client: KubeClient,
  resource: ApiResource,
  target: { readonly ref: ObjectRef; readonly json: string },
  options: CallOptions & { readonly dryRun: boolean; readonly forceConflicts: boolean },
): Promise<ApplyAnswer> {
  const { ref, json } = target;
  const { signal } = options;
  const how = { signal, sameVersion: true };
  const response = await atItsPlace(client, resource, how, (place) =>
    client.request({
      method: "PATCH",
      path: resourcePath(place, ref.namespace, ref.name),
      query: {
        fieldManager,
        force: options.forceConflicts || undefined,
        dryRun: options.dryRun ? "All" : undefined,
        fieldValidation: "Warn",
      },
      body: json,
      contentType: "application/apply-patch+yaml",
      action: `apply ${formatRef(ref)}`,
      idempotent: true,
      unversioned: true,
      signal,
    }),
  );
  const created = response.status === 201;
  return { view: parseLive(response.text), created, warnings: response.warnings };
}

/** Asks the server to delete one object; false when it was gone already. */
export async function deleteObject(
  client: KubeClient,
  resource: ApiResource,
  ref: ObjectRef,
  options: CallOptions & { readonly uid?: string | undefined } = {},
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await deleteOnce(client, resource, ref, options);
    } catch (error) {
      // Others work on it at this moment: it is still the one that is to go, or it is not.
      if (!isKubeError(error, "KUBE_STALE") || attempt >= deleteAttempts) throw error;
      const { signal, uid } = options;
      const live = await getObject(client, resource, ref, { signal, metadataOnly: true });
      if (live === undefined) return false;
      if (uid !== undefined && live.metadata["uid"] !== uid) throw error;
    }
  }
}

const deleteAttempts = 4;

async function deleteOnce(
  client: KubeClient,
  resource: ApiResource,
  ref: ObjectRef,
  options: CallOptions & { readonly uid?: string | undefined },
): Promise<boolean> {
  const preconditions = options.uid === undefined ? {} : { preconditions: { uid: options.uid } };
  const kind = "DeleteOptions";
  const how = { apiVersion: "v1", kind, propagationPolicy: "Background", ...preconditions };
  try {
    await atItsPlace(client, resource, options, (place) =>
      client.request({
        method: "DELETE",
        path: resourcePath(place, ref.namespace, ref.name),
        body: JSON.stringify(how),
        action: `delete ${formatRef(ref)}`,
        idempotent: true,
        signal: options.signal,
      }),
    );
    return true;
  } catch (error) {
    if (isKubeError(error, "KUBE_NOT_FOUND", "KUBE_KIND_UNKNOWN", "KUBE_NAMESPACE_NOT_FOUND")) {
      return false;
    }
    throw error;
  }
}

/** Where discovery of an earlier run was wrong about the place of a kind, the call is made at the right one. */
async function atItsPlace<T>(
  client: KubeClient,
  resource: ApiResource,
  options: CallOptions & { readonly sameVersion?: boolean },
  call: (place: ApiResource) => Promise<T>,
): Promise<T> {
  try {
    return await call(resource);
  } catch (error) {
    if (!isKubeError(error, "KUBE_KIND_UNKNOWN")) throw error;
    const { signal, sameVersion = false } = options;
    const place = await client.discovery.moved(resource, { signal });
    if (place === undefined || (sameVersion && place.version !== resource.version)) throw error;
    return call(place);
  }
}
