import { type KubeObjectView, type ObjectRef, formatRef } from "@tenon/core";

import type { ApiResource } from "../client/api-resource.ts";
import type { KubeClient } from "../client/kube-client.ts";
import type { CallOptions } from "../client/objects.ts";
import { resourcePath } from "../client/resource-path.ts";
import { isKubeError } from "../errors.ts";
import { fieldManager } from "../identity.ts";
import { parseLive } from "../live-object.ts";
import type { ManagedEntry } from "./fold-ownership.ts";

/** An object with its place on the server. */
export interface Place {
  readonly ref: ObjectRef;
  readonly resource: ApiResource;
}

/** An object as the server sent it. */
export interface LiveObject {
  readonly view: KubeObjectView;
  readonly text: string;
}

const attempts = 10;

/**
 * Rewrites who has the fields of an object, and nothing else of it. An object that is gone, or needs
 * no change, is left alone.
 */
export async function writeManagers(
  client: KubeClient,
  place: Place,
  options: CallOptions,
  decide: (live: KubeObjectView) => readonly ManagedEntry[] | undefined,
): Promise<void> {
  await patchFresh(client, place, options, ({ view }) => {
    const entries = decide(view);
    return entries && [{ op: "add", path: "/metadata/managedFields", value: entries }];
  });
}

/** Patches an object as it was read, reading it anew when a controller was faster. */
export async function patchFresh(
  client: KubeClient,
  place: Place,
  options: CallOptions,
  decide: (live: LiveObject) => readonly object[] | undefined,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const live = await readObject(client, place, options);
    const patch = live === undefined ? undefined : decide(live);
    if (live === undefined || patch === undefined || patch.length === 0) return;
    try {
      await sendPatch(client, place, [sameVersion(live), ...patch], options);
      return;
    } catch (error) {
      if (isKubeError(error, "KUBE_NOT_FOUND")) return;
      if (!isKubeError(error, "KUBE_STALE") || attempt === attempts) throw error;
    }
  }
}

async function readObject(
  client: KubeClient,
  { ref, resource }: Place,
  { signal }: CallOptions,
): Promise<LiveObject | undefined> {
  try {
    const { text } = await client.request({
      method: "GET",
      path: resourcePath(resource, ref.namespace, ref.name),
      action: `read ${formatRef(ref)}`,
      signal,
    });
    return { view: parseLive(text), text };
  } catch (error) {
    if (isKubeError(error, "KUBE_NOT_FOUND", "KUBE_KIND_UNKNOWN", "KUBE_NAMESPACE_NOT_FOUND")) {
      return undefined;
    }
    throw error;
  }
}

/** The server refuses a patch of another resource version as stale. */
function sameVersion({ view }: LiveObject): object {
  const { resourceVersion } = view.metadata;
  return { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion };
}

async function sendPatch(
  client: KubeClient,
  { ref, resource }: Place,
  patch: readonly object[],
  { signal }: CallOptions,
): Promise<void> {
  await client.request({
    method: "PATCH",
    path: resourcePath(resource, ref.namespace, ref.name),
    query: { fieldManager },
    contentType: "application/json-patch+json",
    body: JSON.stringify(patch),
    action: `change the owner of ${formatRef(ref)}`,
    // A repeat of a patch that did arrive is refused as stale, and then there is nothing left to do.
    idempotent: true,
    signal,
  });
}
