import { identityOf } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import { instanceNotFound } from "./delete-instance.ts";
import type { ModuleReference } from "./desired.ts";
import { compareOwned } from "./drift/compare-owned.ts";
import { KubeError } from "./errors.ts";
import { ownerSelector } from "./identity.ts";
import { ownedBy, plainRef } from "./inventory.ts";
import { uidOf } from "./live-object.ts";
import { locateAll } from "./locate.ts";
import type { ObjectStatus } from "./object-status.ts";
import type { OwnedFields } from "./owned-fields.ts";
import { readLive } from "./read-live.ts";
import type { StoredRecord } from "./record-secret.ts";
import { instanceRecords } from "./record-store.ts";
import type { Holder, InstanceRecord, RunFailure } from "./record.ts";
import { type TreeNode, childrenOf } from "./tree/object-tree.ts";
import { type HealthChecks, liveStatus } from "./wait.ts";

/**
 * Where an instance stands: `applied`; `pending` while a run is at work; `failed` when a run ended
 * before its end; `deleting` when that run was a delete.
 */
export type InstanceState = "applied" | "pending" | "failed" | "deleting";

/** An instance as its record describes it. */
export interface InstanceSummary {
  readonly name: string;
  readonly namespace: string;
  readonly state: InstanceState;
  readonly bundle?: string | undefined;
  /** The module that was applied, or that the unfinished run is about. */
  readonly module: ModuleReference;
  readonly revision: number;
  /** When the last finished apply ended; RFC 3339. */
  readonly lastApplied?: string | undefined;
  readonly createdAt?: string | undefined;
  /** Why the last run ended before its end. */
  readonly error?: RunFailure | undefined;
  readonly holder?: Holder | undefined;
}

/** An instance with all that its record holds. */
export interface Instance extends InstanceSummary {
  readonly record: InstanceRecord;
}

/** A record that cannot be read, in a list that can. */
export interface BrokenInstance {
  readonly name: string;
  readonly namespace: string;
  readonly error: KubeError;
}

/** Which instances to list. */
export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly allNamespaces?: boolean | undefined;
  readonly bundle?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Lists instances by namespace and name; a damaged record does not hide the others. */
export async function listInstances(
  client: KubeClient,
  options: ListOptions = {},
): Promise<{ instances: InstanceSummary[]; broken: BrokenInstance[] }> {
  const { signal, allNamespaces = false } = options;
  const namespace = allNamespaces ? undefined : (options.namespace ?? client.connection.namespace);
  const instances: InstanceSummary[] = [];
  const broken: BrokenInstance[] = [];
  for (const { name, namespace: at, stored } of await instanceRecords.list(client, {
    namespace,
    signal,
  })) {
    if (stored instanceof KubeError) broken.push({ name, namespace: at, error: stored });
    else if (options.bundle === undefined || stored.record.bundle === options.bundle) {
      instances.push(summaryOf(stored));
    }
  }
  const order = (
    a: BrokenInstance | InstanceSummary,
    b: BrokenInstance | InstanceSummary,
  ): number => compare(a.namespace, b.namespace) || compare(a.name, b.name);
  return { instances: instances.sort(order), broken: broken.sort(order) };
}

/**
 * Reads one instance.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND`
 */
export async function getInstance(
  client: KubeClient,
  name: string,
  namespace: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Instance> {
  const stored = await instanceRecords.read(client, { name, namespace }, options);
  if (stored === undefined) throw instanceNotFound(name, namespace);
  return { ...summaryOf(stored), record: stored.record };
}

/** The live status of one object of an instance. */
export interface InstanceObjectStatus extends TreeNode {
  /** How many of the fields that were applied have other values now. */
  readonly drifted: number;
}

/** An instance with the live status of each of its objects. */
export interface InstanceStatus {
  readonly instance: Instance;
  readonly objects: readonly InstanceObjectStatus[];
  /** Every object is current and the last run came to its end. */
  readonly healthy: boolean;
}

const missing: ObjectStatus = { status: "NotFound", message: "it does not exist" };

/**
 * Reads an instance and the status of all its objects, with what was made for them down to pods, in
 * apply order.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND`
 */
export async function instanceStatus(
  client: KubeClient,
  name: string,
  namespace: string,
  options: {
    readonly healthChecks?: HealthChecks | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<InstanceStatus> {
  const { signal, healthChecks } = options;
  const instance = await getInstance(client, name, namespace, { signal });
  const refs = ownedBy(instance.record).map(plainRef);
  const located = (await locateAll(client, refs, { signal })).flatMap(({ ref, resource }) =>
    resource === undefined ? [] : [{ ref, resource }],
  );
  const selector = ownerSelector(name, namespace);
  const live = await readLive(client, located, { selector, signal });
  const children = await childrenOf(client, [...live.values()], { signal });
  const states = new Map(
    instance.record.applied?.inventory.map((entry) => [identityOf(entry), entry.state]),
  );
  const objects: InstanceObjectStatus[] = [];
  for (const ref of refs) {
    const id = identityOf(ref);
    const view = live.get(id);
    if (view === undefined) {
      objects.push({ ref, ...missing, children: [], drifted: 0 });
      continue;
    }
    const status = await liveStatus(view, client.now(), healthChecks);
    const state = states.get(id) as OwnedFields | undefined;
    const drifted = state === undefined ? 0 : compareOwned(state, view).length;
    const createdAt = view.metadata["creationTimestamp"] as string | undefined;
    const below = children.get(uidOf(view) ?? "") ?? [];
    objects.push({ ref, ...status, createdAt, children: below, drifted });
  }
  const healthy =
    instance.state === "applied" && objects.every(({ status }) => status === "Current");
  return { instance, objects, healthy };
}

function summaryOf({ record, holder, createdAt }: StoredRecord): InstanceSummary {
  const { name, namespace, bundle, revision, applied, pending } = record;
  const state = (applied ?? pending) as { readonly module: ModuleReference };
  return {
    name,
    namespace,
    bundle,
    revision,
    createdAt,
    holder,
    state: stateOf(record, holder),
    module: state.module,
    lastApplied: applied?.at,
    error: pending?.error,
  };
}

function stateOf({ pending }: InstanceRecord, holder: Holder | undefined): InstanceState {
  if (pending === undefined) return "applied";
  if (pending.operation === "delete") return "deleting";
  return holder === undefined || pending.error !== undefined ? "failed" : "pending";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
