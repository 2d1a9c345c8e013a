import type { KubeObjectView, ObjectRef } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import { type CallOptions, getObject } from "./client/objects.ts";
import { locateAll } from "./locate.ts";

/**
 * Reads one object, in any version of its kind when the one in the reference is not served. Nothing
 * comes back when it, or its kind, does not exist.
 *
 * @throws KubeError with the code of what the server said
 */
export async function readObject(
  client: KubeClient,
  ref: ObjectRef,
  options: CallOptions = {},
): Promise<KubeObjectView | undefined> {
  const [located] = await locateAll(client, [ref], options);
  const resource = located?.resource;
  return resource && getObject(client, resource, ref, options);
}
