import type { KubeObjectView, ObjectRef } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { locateAll } from "../locate.ts";
import type { ForeignTool } from "./foreign-tool.ts";

/** What another tool knows of the objects that it manages. */
export interface Foreign {
  readonly tool: ForeignTool;
  /** Such as `Helm release web (revision 3)`. */
  readonly title: string;
  /** What the marks of its objects say; nothing where the tool sets none. */
  readonly claim?: string | undefined;
  /** What it has, as far as it keeps a list. */
  readonly inventory: readonly ObjectRef[];
  /** The Secrets that have to go so that the tool forgets its objects, in this order. */
  readonly records: readonly ObjectRef[];
  /** What the user has to know. */
  readonly notes: readonly string[];
}

/** Where to look for what another tool has. */
export interface ForeignRequest {
  /** Name that the instance has there. */
  readonly name: string;
  readonly namespace: string;
  /** The objects of our render that are there. */
  readonly live: readonly KubeObjectView[];
  /** Reads the documents of a YAML text. */
  readonly parseYaml: (text: string) => readonly unknown[];
  readonly signal?: AbortSignal | undefined;
}

/** References with the namespace that each has on the server; what is of no known kind stays as it is. */
export async function placeRefs(
  client: KubeClient,
  refs: readonly ObjectRef[],
  request: Pick<ForeignRequest, "namespace" | "signal">,
): Promise<ObjectRef[]> {
  const { signal, namespace } = request;
  const located = await locateAll(client, refs, { signal });
  return located.map(({ ref: { apiVersion, kind, name, ...rest }, resource }) => {
    if (resource === undefined) return { apiVersion, kind, name, ...rest };
    const base = { apiVersion, kind, name };
    return resource.namespaced ? { ...base, namespace: rest.namespace ?? namespace } : base;
  });
}
