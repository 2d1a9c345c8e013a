import type { Change } from "./change-set.ts";
import type { KubeClient } from "./client/kube-client.ts";
import { timestamp } from "./clock.ts";
import { KubeError, isKubeError } from "./errors.ts";
import type { OnEvent } from "./events.ts";
import { type HolderIdentity, localHolder } from "./holder.ts";
import { recordName } from "./identity.ts";
import { ownedBy } from "./inventory.ts";
import { RecordLock } from "./lock.ts";
import { type Owner, type PlannedDeletion, deletePlanned, planDeletions } from "./prune.ts";
import type { StoredRecord } from "./record-secret.ts";
import { instanceRecords } from "./record-store.ts";
import { type InstanceRecord, failureOf } from "./record.ts";
import { defaultTimeout } from "./run.ts";

/** What a delete can be told. */
export interface DeleteOptions {
  /** Tell what would be deleted, and write nothing. */
  readonly dryRun?: boolean | undefined;
  /** Wait until the objects are gone; on by default. */
  readonly wait?: boolean | undefined;
  /** For each wait on its own; 5 minutes by default. */
  readonly timeoutMs?: number | undefined;
  readonly holder?: HolderIdentity | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Deletes an instance: its objects in reverse order, definitions and namespaces when all else is
 * gone, its record last. A delete that did not come to its end is finished by the next.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND` `KUBE_RECORD_LOCKED` `KUBE_TIMEOUT`
 *
 * @example
 * const changes = await deleteInstance(client, "web", "apps", { timeoutMs: 60_000 });
 */
export async function deleteInstance(
  client: KubeClient,
  name: string,
  namespace: string,
  options: DeleteOptions = {},
): Promise<Change[]> {
  const { signal, dryRun = false } = options;
  const stored = await instanceRecords.read(client, { name, namespace }, { signal });
  if (stored === undefined) throw instanceNotFound(name, namespace);
  const planned = await planDeletions(client, { name, namespace }, ownedBy(stored.record), {
    signal,
  });
  const changes = planned.map(({ change }) => change);
  if (!dryRun) await carryOut(client, stored, planned, options);
  return changes;
}

/** The error for an instance that has no record. */
export function instanceNotFound(name: string, namespace: string): KubeError {
  return new KubeError(
    "KUBE_INSTANCE_NOT_FOUND",
    `Cannot find instance ${name} in ${namespace}: there is no Secret ${recordName(name)}`,
    { hint: "tenon list --all-namespaces" },
  );
}

async function carryOut(
  client: KubeClient,
  stored: StoredRecord,
  planned: readonly PlannedDeletion[],
  options: DeleteOptions,
): Promise<void> {
  const { signal, onEvent } = options;
  const record = deletingRecord(client, stored.record);
  const identity = options.holder ?? localHolder();
  const lock = await acquire(client, record, { over: stored, identity, signal });
  onEvent?.({ type: "lock-taken", from: stored.holder });
  const both = signal === undefined ? lock.signal : AbortSignal.any([signal, lock.signal]);
  try {
    if (planned.some((deletion) => isOwnNamespace(deletion, stored.record))) lock.expectRemoval();
    await deletePhases(client, stored.record, planned, { ...options, signal: both });
    await lock.remove(both);
    onEvent?.({ type: "record-written", state: "removed" });
  } catch (error) {
    await lock.abandon({ ...record, pending: { ...record.pending!, error: failureOf(error) } });
    throw lock.signal.aborted ? (lock.signal.reason as Error) : error;
  }
}

/** Definitions and namespaces take what is in them along, so they go when that is gone. */
async function deletePhases(
  client: KubeClient,
  owner: Owner,
  planned: readonly PlannedDeletion[],
  options: DeleteOptions,
): Promise<void> {
  const { wait = true, timeoutMs = defaultTimeout, onEvent, signal } = options;
  const containers = planned.filter(isContainer);
  const contents = planned.filter((deletion) => !isContainer(deletion));
  for (const phase of [contents, containers]) {
    await deletePlanned(client, owner, phase, { wait, timeoutMs, onEvent, signal });
  }
}

function isOwnNamespace({ change, target }: PlannedDeletion, owner: Owner): boolean {
  const { kind, name } = change.ref;
  return target !== undefined && kind === "Namespace" && name === owner.namespace;
}

function isContainer({ change }: PlannedDeletion): boolean {
  return change.ref.kind === "CustomResourceDefinition" || change.ref.kind === "Namespace";
}

function deletingRecord(client: KubeClient, record: InstanceRecord): InstanceRecord {
  const from = record.pending ?? record.applied;
  if (from === undefined) throw new Error(`The record of ${record.name} holds no state`);
  const { module, values, images } = from;
  const since = timestamp(client.now());
  const inventory = ownedBy(record);
  return { ...record, pending: { operation: "delete", module, values, images, inventory, since } };
}

async function acquire(
  client: KubeClient,
  record: InstanceRecord,
  options: Parameters<typeof RecordLock.acquire<InstanceRecord>>[3],
): Promise<RecordLock<InstanceRecord>> {
  try {
    return await RecordLock.acquire(client, instanceRecords, record, options);
  } catch (error) {
    if (!isKubeError(error, "KUBE_STALE")) throw error;
    throw new KubeError(
      "KUBE_RECORD_LOCKED",
      `Cannot delete instance ${record.name} in ${record.namespace}: another run has just changed it`,
      { hint: "Run the same command again", cause: error },
    );
  }
}
