import { type ObjectRef, groupOf } from "@tenon/core";

import type { ApiResource } from "./client/api-resource.ts";
import type { KubeClient } from "./client/kube-client.ts";
import type { CallOptions } from "./client/objects.ts";

/** A reference with its place on the server, where there is one. */
export interface MaybeLocated {
  readonly ref: ObjectRef;
  readonly resource: ApiResource | undefined;
}

/**
 * Finds the places of references. When the version in a reference is served no longer, any other
 * of the same kind will do; discovery is read anew at most once.
 */
export async function locateAll(
  client: KubeClient,
  refs: readonly ObjectRef[],
  options: CallOptions = {},
): Promise<MaybeLocated[]> {
  const first = await Promise.all(refs.map((ref) => locate(client, ref, options)));
  if (!first.includes(undefined))
    return refs.map((ref, index) => ({ ref, resource: first[index] }));
  await client.discovery.refresh(options);
  return Promise.all(
    refs.map(async (ref) => ({ ref, resource: await locate(client, ref, options) })),
  );
}

async function locate(
  { discovery }: KubeClient,
  { apiVersion, kind }: ObjectRef,
  options: CallOptions,
): Promise<ApiResource | undefined> {
  const known = await discovery.known(apiVersion, kind, options);
  return known ?? discovery.findAnyVersion(groupOf(apiVersion), kind, options);
}
