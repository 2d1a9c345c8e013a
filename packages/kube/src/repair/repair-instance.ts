import { type ObjectRef, formatRef, identityOf } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { type CallOptions, listObjects } from "../client/objects.ts";
import { timestamp } from "../clock.ts";
import { instanceNotFound } from "../delete-instance.ts";
import { KubeError, isKubeError } from "../errors.ts";
import { holderText, isAlive, localHolder } from "../holder.ts";
import { recordLabel, recordName } from "../identity.ts";
import { type InventoryEntry, ownedBy, plainRef, unionOf } from "../inventory.ts";
import { removeParts } from "../record-parts.ts";
import { type StoredRecord, secrets } from "../record-secret.ts";
import { instanceRecords } from "../record-store.ts";
import type { Holder, InstanceRecord } from "../record.ts";
import { type OwnedObjects, ownedObjects } from "./owned-objects.ts";
import { readBareSecret, replaceRecord } from "./replace-record.ts";

/** One thing that is wrong with an instance. */
export interface Finding {
  readonly problem:
    /** The record cannot be read. */
    | "record-damaged"
    /** A run is at work right now. */
    | "run-at-work"
    /** A run ended before its end. */
    | "run-unfinished"
    /** The one who held the record is gone, and has not let go. */
    | "holder-dead"
    /** Secrets that continue no record. */
    | "parts-left"
    /** Objects carry the labels of the instance, and its record does not know them. */
    | "objects-unknown"
    /** The record has objects that do not exist. */
    | "objects-missing";
  readonly text: string;
  /** What mends it: `repair` does so itself; else the command to run; nothing where none is needed. */
  readonly remedy?: string | undefined;
  readonly mends: boolean;
  readonly refs?: readonly ObjectRef[] | undefined;
}

/** What is wrong with an instance, and what was done about it. */
export interface Repair {
  readonly name: string;
  readonly namespace: string;
  readonly findings: readonly Finding[];
  /** What could be mended was mended. */
  readonly mended: boolean;
  /** Kinds that could not be looked through. */
  readonly unread: readonly string[];
}

/** How to repair. */
export interface RepairOptions extends CallOptions {
  /** Tell what is wrong, and write nothing. */
  readonly dryRun?: boolean | undefined;
  /** Asked before anything is written. */
  readonly confirm?: ((findings: readonly Finding[]) => Promise<boolean>) | undefined;
}

/**
 * Finds out what is wrong with the record of an instance and mends what can be mended: a record that
 * cannot be read is made anew from the labels of live objects, objects that it does not know are
 * added to it, what dead runs left is cleared away.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND` when nothing in the cluster knows the instance
 */
export async function repairInstance(
  client: KubeClient,
  name: string,
  namespace: string,
  options: RepairOptions = {},
): Promise<Repair> {
  const { signal, dryRun = false } = options;
  const key = { name, namespace };
  const stored = await readOrError(client, key, { signal });
  const owned = await ownedObjects(client, key, { signal });
  if (stored === undefined && owned.refs.length === 0) throw instanceNotFound(name, namespace);
  const parts = await leftParts(client, key, stored, { signal });
  const findings = [
    ...recordFindings(client, stored, owned),
    ...objectFindings(stored, owned),
    ...(parts.length === 0
      ? []
      : [finding("parts-left", `${parts.length} Secrets continue no record`, "removes them")]),
  ];
  const mends = findings.some((entry) => entry.mends);
  const agreed = mends && !dryRun && ((await options.confirm?.(findings)) ?? true);
  if (agreed) await mend(client, key, { stored, owned, parts, signal });
  return { name, namespace, findings, mended: agreed, unread: owned.unread };
}

type Key = { readonly name: string; readonly namespace: string };
type Found = StoredRecord | KubeError | undefined;

async function readOrError(client: KubeClient, key: Key, options: CallOptions): Promise<Found> {
  try {
    return await instanceRecords.read(client, key, options);
  } catch (error) {
    if (isKubeError(error, "KUBE_RECORD_INVALID")) return error;
    throw error;
  }
}

function recordFindings(client: KubeClient, stored: Found, owned: OwnedObjects): Finding[] {
  const count = owned.refs.length;
  if (stored === undefined) {
    const text = `there is no record, and ${count} objects carry the labels of the instance`;
    return [finding("record-damaged", text, "makes a record of them")];
  }
  if (stored instanceof KubeError) {
    const text = `${stored.message.replace(/^Cannot read record \S+ -n \S+: /, "the record cannot be read: ")}`;
    return [finding("record-damaged", text, `makes it anew from ${count} labelled objects`)];
  }
  const { record, holder } = stored;
  return [...runFindings(record), ...(holder === undefined ? [] : holderFindings(client, holder))];
}

function runFindings({ name, namespace, pending }: InstanceRecord): Finding[] {
  if (pending === undefined) return [];
  const { operation, since, error } = pending;
  const why = error === undefined ? "" : `: ${error.message} [${error.code}]`;
  const next =
    operation === "delete"
      ? `tenon delete ${name} -n ${namespace}`
      : `tenon apply ${name} MODULE -n ${namespace}, or tenon delete ${name} -n ${namespace}`;
  return [
    {
      problem: "run-unfinished",
      text: `the ${operation} of ${since} did not come to its end${why}`,
      remedy: `run ${next}: it completes the work`,
      mends: false,
    },
  ];
}

function holderFindings(client: KubeClient, holder: Holder): Finding[] {
  const who = holderText(holder);
  if (isAlive(holder, localHolder(), client.now())) {
    const text = `${who} has been changing the instance since ${holder.since}`;
    const remedy = `wait for it to end; if it is dead, the hold ends at ${holder.expires}`;
    return [{ problem: "run-at-work", text, remedy, mends: false }];
  }
  return [finding("holder-dead", `${who} is gone and has not let go`, "lets go for it")];
}

function objectFindings(stored: Found, owned: OwnedObjects): Finding[] {
  if (stored === undefined || stored instanceof KubeError) return [];
  const known = ownedBy(stored.record).map(plainRef);
  const knownIds = new Set(known.map(identityOf));
  const liveIds = new Set(owned.refs.map(identityOf));
  const unknown = owned.refs.filter((ref) => !knownIds.has(identityOf(ref)));
  const missing = known.filter((ref) => owned.covers(ref) && !liveIds.has(identityOf(ref)));
  const names = (refs: readonly ObjectRef[]): string => refs.map(formatRef).join(", ");
  return [
    ...(unknown.length === 0
      ? []
      : [
          {
            ...finding(
              "objects-unknown",
              `the record does not know ${names(unknown)}`,
              "adds them; the next apply prunes what is not in the render",
            ),
            refs: unknown,
          },
        ]),
    ...(missing.length === 0 || stored.record.pending !== undefined
      ? []
      : [
          {
            problem: "objects-missing" as const,
            text: `${names(missing)} of the record is not there, or has lost its labels`,
            remedy: "the next apply makes it again",
            mends: false,
            refs: missing,
          },
        ]),
  ];
}

function finding(problem: Finding["problem"], text: string, remedy: string): Finding {
  return { problem, text, remedy: `repair ${remedy}`, mends: true };
}

/** Secrets that continue a record and that the record does not name. */
async function leftParts(
  client: KubeClient,
  { name, namespace }: Key,
  stored: Found,
  { signal }: CallOptions,
): Promise<string[]> {
  const labelSelector = `${recordLabel}=part,app.kubernetes.io/name=${name}`;
  const options = { namespace, labelSelector, metadataOnly: true, signal };
  const all = await listObjects(client, secrets, options);
  const used = stored === undefined || stored instanceof KubeError ? [] : stored.parts;
  return all.map(({ metadata }) => metadata.name).filter((part) => !used.includes(part));
}

async function mend(
  client: KubeClient,
  key: Key,
  from: {
    readonly stored: Found;
    readonly owned: OwnedObjects;
    readonly parts: readonly string[];
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { stored, owned, parts, signal } = from;
  const refs: InventoryEntry[] = owned.refs.map(plainRef);
  if (stored === undefined) {
    const record = unknownRecord(client, key, refs);
    await instanceRecords.write(client, record, { over: undefined, holder: undefined, signal });
  } else if (stored instanceof KubeError) {
    const secret = await readBareSecret(
      client,
      { ...key, secret: recordName(key.name) },
      { signal },
    );
    await replaceRecord(client, unknownRecord(client, key, refs), { secret, signal });
  } else {
    const record = withObjects(stored.record, refs);
    const alive =
      stored.holder !== undefined && isAlive(stored.holder, localHolder(), client.now());
    const holder = alive ? stored.holder : undefined;
    await instanceRecords.write(client, record, { over: stored, holder, signal });
  }
  await removeParts(client, key.namespace, parts, signal);
}

/** Which module it was is not known any more: the next apply says so again. */
function unknownRecord(
  client: KubeClient,
  { name, namespace }: Key,
  inventory: readonly InventoryEntry[],
): InstanceRecord {
  const module = { name: "unknown", repository: "unknown", version: "unknown", digest: "unknown" };
  const since = timestamp(client.now());
  const error = { code: "KUBE_RECORD_INVALID", message: "the record was made anew by repair" };
  const pending = { operation: "apply" as const, module, images: [], inventory, since, error };
  return { name, namespace, revision: 0, pending };
}

function withObjects(record: InstanceRecord, refs: readonly InventoryEntry[]): InstanceRecord {
  const { applied, pending } = record;
  if (applied !== undefined) {
    return { ...record, applied: { ...applied, inventory: unionOf(applied.inventory, refs) } };
  }
  if (pending === undefined) return record;
  return { ...record, pending: { ...pending, inventory: unionOf(pending.inventory, refs) } };
}
