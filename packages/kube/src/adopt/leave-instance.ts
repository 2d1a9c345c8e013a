import { type KubeObjectView, type ObjectRef } from "@tenon/core";

import { mapBounded } from "../bounded.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { getObject } from "../client/objects.ts";
import { resourcePath } from "../client/resource-path.ts";
import { instanceNotFound } from "../delete-instance.ts";
import { KubeError, isKubeError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import { type HolderIdentity, localHolder } from "../holder.ts";
import { recordRef, timoniRecordName, timoniRecordType } from "../identity.ts";
import { ownedBy, plainRef } from "../inventory.ts";
import { locateAll } from "../locate.ts";
import { RecordLock } from "../lock.ts";
import { type StoredRecord, base64, secrets } from "../record-secret.ts";
import { instanceRecords } from "../record-store.ts";
import type { InstanceRecord } from "../record.ts";
import { type Receiver, handOver, isOfOther } from "./hand-over.ts";
import { timoniRecordLabels, timoniRecordText } from "./timoni-record-text.ts";
import type { Place } from "./write-managers.ts";

/** How to give an instance away. */
export interface LeaveOptions {
  /** Whom to: `nobody` leaves plain objects. */
  readonly to?: Receiver | undefined;
  /** Tell what would be done, and write nothing. */
  readonly dryRun?: boolean | undefined;
  readonly holder?: HolderIdentity | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What leaving does, or would do. */
export interface Leaving {
  readonly instance: string;
  readonly namespace: string;
  readonly to: Receiver;
  readonly objects: readonly {
    readonly ref: ObjectRef;
    readonly action: "left" | "skipped";
    readonly reason?: string | undefined;
  }[];
  /** Our record, which is deleted last. */
  readonly record: ObjectRef;
  /** What the user has to know. */
  readonly notes: readonly string[];
}

/**
 * Gives an instance away and forgets it. Its objects stay as they are: only who owns their fields
 * changes, and the labels and annotations of the owner with that. A run that did not come to its end
 * is finished by the next.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND` `KUBE_RECORD_LOCKED`
 *
 * @example
 * const { objects } = await leaveInstance(client, "web", "apps", { to: "kubectl" });
 */
export async function leaveInstance(
  client: KubeClient,
  name: string,
  namespace: string,
  options: LeaveOptions = {},
): Promise<Leaving> {
  const { signal, to = "nobody", dryRun = false, onEvent, holder = localHolder() } = options;
  const stored = await instanceRecords.read(client, { name, namespace }, { signal });
  if (stored === undefined) throw instanceNotFound(name, namespace);
  const { record } = stored;
  const found = await findObjects(client, record, signal);
  const objects = found.map(({ entry }) => entry);
  const notes = notesOf(record, to);
  const leaving = {
    instance: name,
    namespace,
    to,
    objects,
    record: recordRef(name, namespace),
    notes,
  };
  if (dryRun) return leaving;
  const lock = await acquire(client, stored, { identity: holder, signal });
  const both = signal === undefined ? lock.signal : AbortSignal.any([signal, lock.signal]);
  try {
    if (to === "timoni") await writeTimoniRecord(client, record, both);
    const request = { giver: { name, namespace }, to, signal: both };
    const places = found.flatMap(({ place }) => place ?? []);
    await mapBounded(places, (place) => handOver(client, place, request), both);
    await lock.remove(both);
    onEvent?.({ type: "record-written", state: "removed" });
    return leaving;
  } catch (error) {
    await lock.abandon(record);
    throw lock.signal.aborted ? (lock.signal.reason as Error) : error;
  }
}

async function acquire(
  client: KubeClient,
  stored: StoredRecord,
  options: { readonly identity: HolderIdentity; readonly signal: AbortSignal | undefined },
): Promise<RecordLock<InstanceRecord>> {
  const { record } = stored;
  try {
    return await RecordLock.acquire(client, instanceRecords, record, { over: stored, ...options });
  } catch (error) {
    if (!isKubeError(error, "KUBE_STALE")) throw error;
    throw new KubeError(
      "KUBE_RECORD_LOCKED",
      `Cannot leave instance ${record.name} in ${record.namespace}: another run has just changed it`,
      { hint: "Run the same command again", cause: error },
    );
  }
}

async function findObjects(
  client: KubeClient,
  record: InstanceRecord,
  signal: AbortSignal | undefined,
): Promise<{ readonly entry: Leaving["objects"][number]; readonly place?: Place | undefined }[]> {
  const located = await locateAll(client, ownedBy(record).map(plainRef), { signal });
  return mapBounded(
    located,
    async ({ ref, resource }) => {
      const view =
        resource === undefined ? undefined : await getObject(client, resource, ref, { signal });
      const reason = reasonToSkip(view, record);
      if (resource === undefined || reason !== undefined) {
        return { entry: { ref, action: "skipped", reason } };
      }
      return { entry: { ref, action: "left" }, place: { ref, resource } };
    },
    signal,
  );
}

function reasonToSkip(
  view: KubeObjectView | undefined,
  record: InstanceRecord,
): string | undefined {
  if (view === undefined) return "already gone";
  return isOfOther(view, record) ? "owned by another" : undefined;
}

async function writeTimoniRecord(
  client: KubeClient,
  record: InstanceRecord,
  signal: AbortSignal,
): Promise<void> {
  const { name, namespace } = record;
  const metadata = { name: timoniRecordName(name), namespace, labels: timoniRecordLabels(record) };
  const data = { instance: base64(timoniRecordText(record, client.now())) };
  await client.request({
    method: "PATCH",
    path: resourcePath(secrets, namespace, metadata.name),
    // As Timoni writes it: it goes on with the same fields.
    query: { fieldManager: "timoni", force: true },
    contentType: "application/apply-patch+yaml",
    body: JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      type: timoniRecordType,
      data,
    }),
    action: `write Timoni's record of instance ${name}`,
    idempotent: true,
    signal,
  });
}

function notesOf({ applied, pending, bundle }: InstanceRecord, to: Receiver): string[] {
  const notes: string[] = [];
  const { values = "" } = applied ?? pending ?? {};
  if (to === "timoni" && values.includes('"***"')) {
    notes.push(
      "secret values are masked in Timoni's record too: give them again with the next timoni apply",
    );
  }
  if (pending !== undefined) notes.push("the last run did not come to its end");
  if (bundle !== undefined) notes.push(`bundle ${bundle} still lists the instance in its file`);
  return notes;
}
