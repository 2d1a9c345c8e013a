import { type ObjectRef, groupOf } from "@tenon/core";

import type { ApiResource } from "../client/api-resource.ts";
import type { KubeClient } from "../client/kube-client.ts";
import type { CallOptions } from "../client/objects.ts";
import { namespaces } from "../create-namespace.ts";
import type { DesiredInstance } from "../desired.ts";
import { plainRef, staleEntries } from "../inventory.ts";
import { locateAll } from "../locate.ts";
import { definedResources } from "../prepare.ts";
import { secrets } from "../record-secret.ts";
import type { InstanceRecord } from "../record.ts";
import { type AccessNeed, distinctNeeds, needsOf } from "./access.ts";

/** What an apply makes use of in a cluster. */
export interface ApplyNeeds {
  readonly access: readonly AccessNeed[];
  /** Kinds of the render that the server does not serve. */
  readonly unknown: readonly { readonly apiVersion: string; readonly kind: string }[];
  /** Kinds of the render that are defined in it. */
  readonly defined: readonly { readonly apiVersion: string; readonly kind: string }[];
}

/** What is known of the cluster beside the kinds that it serves. */
export interface NeedsContext extends CallOptions {
  /** The record of the instance, where there is one. */
  readonly record?: InstanceRecord | undefined;
  /** The namespace of the instance is not there. */
  readonly createsNamespace?: boolean | undefined;
  /** Kinds that will be there by then, by `apiVersion|kind`: other instances define them. */
  readonly definitions?: ReadonlyMap<string, ApiResource> | undefined;
}

const readOneByOne = "objects are read one by one";
const askAgain = "waits ask every second instead of watching";
const cannotDelete = "what leaves the instance, and the instance itself, cannot be deleted";
const unexplained = "failures are told without what pods and events say";

/** Tells which rights applying an instance takes, and which kinds are missing. */
export async function needsOfApply(
  client: KubeClient,
  desired: DesiredInstance,
  context: NeedsContext = {},
): Promise<ApplyNeeds> {
  const { record, signal } = context;
  const { known, unknown, defined } = await locateKinds(client, desired, context);
  const refs = known.map(({ ref }) => ref);
  const stale = await locateAll(client, staleEntries(record, refs).map(plainRef), { signal });
  const access = [
    ...needsOfRecord(desired.namespace),
    ...(context.createsNamespace ? needsOf(placeOf(namespaces), ["create", "patch"]) : []),
    ...known.flatMap(({ ref, resource }) => needsOfObject(ref, resource)),
    ...stale.flatMap(({ ref, resource }) =>
      resource === undefined ? [] : needsOf(placeOf(resource, ref), ["get", "delete"]),
    ),
    ...known.flatMap(({ ref }) => needsOfExplanations(ref)),
  ];
  return { access: distinctNeeds(access), unknown, defined };
}

interface KnownObject {
  readonly ref: ObjectRef;
  readonly resource: ApiResource;
}

async function locateKinds(
  client: KubeClient,
  desired: DesiredInstance,
  { definitions: others, signal }: NeedsContext,
): Promise<{ known: KnownObject[] } & Pick<ApplyNeeds, "unknown" | "defined">> {
  const definitions = new Map([...(others ?? []), ...definedResources(desired)]);
  const known: KnownObject[] = [];
  const missing = new Map<string, { apiVersion: string; kind: string }>();
  const defined = new Map<string, { apiVersion: string; kind: string }>();
  for (const { view } of desired.sets.flatMap(({ objects }) => objects)) {
    const { apiVersion, kind, metadata } = view;
    const key = `${apiVersion}|${kind}`;
    if (missing.has(key)) continue;
    const own = definitions.get(key);
    const resource = own ?? (await client.discovery.find(apiVersion, kind, { signal }));
    if (own !== undefined) defined.set(key, { apiVersion, kind });
    if (resource === undefined) {
      missing.set(key, { apiVersion, kind });
      continue;
    }
    const namespace = resource.namespaced ? metadata.namespace || desired.namespace : undefined;
    const ref = { apiVersion, kind, name: metadata.name, ...(namespace ? { namespace } : {}) };
    known.push({ ref, resource });
  }
  return { known, unknown: [...missing.values()], defined: [...defined.values()] };
}

function needsOfObject(ref: ObjectRef, resource: ApiResource): AccessNeed[] {
  const place = placeOf(resource, ref);
  return [
    ...needsOf(place, ["get", "create", "patch"]),
    ...needsOf({ ...place, otherwise: readOneByOne }, ["list"]),
    ...needsOf({ ...place, otherwise: askAgain }, ["watch"]),
    ...needsOf({ ...place, otherwise: cannotDelete }, ["delete"]),
  ];
}

/** The record is a Secret; one that is large has more, of which the old ones go. */
function needsOfRecord(namespace: string): AccessNeed[] {
  const place = { ...placeOf(secrets), namespace };
  return [
    ...needsOf(place, ["get", "create", "patch"]),
    ...needsOf({ ...place, otherwise: cannotDelete }, ["list", "delete"]),
  ];
}

const workloads = new Set(["apps", "batch"]);

/** Why a workload is not ready stands in what it has made. */
function needsOfExplanations(ref: ObjectRef): AccessNeed[] {
  const { namespace } = ref;
  if (namespace === undefined || !workloads.has(groupOf(ref.apiVersion))) return [];
  const on = { namespace, otherwise: unexplained };
  return [
    ...needsOf({ ...on, group: "", resource: "pods" }, ["list"]),
    ...needsOf({ ...on, group: "", resource: "pods/log" }, ["get"]),
    ...needsOf({ ...on, group: "", resource: "events" }, ["list"]),
    ...needsOf({ ...on, group: "apps", resource: "replicasets" }, ["list"]),
  ];
}

function placeOf(
  { group, plural, namespaced }: Pick<ApiResource, "group" | "plural" | "namespaced">,
  ref?: ObjectRef,
): Omit<AccessNeed, "verb"> {
  const namespace = namespaced ? ref?.namespace : undefined;
  return { group, resource: plural, ...(namespace === undefined ? {} : { namespace }) };
}
