import type { KubeClient } from "./client/kube-client.ts";
import { timestamp } from "./clock.ts";
import { createNamespace } from "./create-namespace.ts";
import type { DesiredInstance } from "./desired.ts";
import { isEqual } from "./diff.ts";
import { isKubeError } from "./errors.ts";
import { type HolderIdentity, localHolder } from "./holder.ts";
import { type InventoryEntry, plainRef, unionOf } from "./inventory.ts";
import { RecordLock, rejectLiveHolder } from "./lock.ts";
import type { StoredRecord } from "./record-secret.ts";
import { instanceRecords } from "./record-store.ts";
import { type InstanceRecord, failureOf } from "./record.ts";
import type { ApplyOptions } from "./run.ts";

/** Thrown when the record changed between reading it and locking it: plan again. */
export class RecordChanged extends Error {}

/** The record of one instance during one apply: locked before the first change, and not sooner. */
export class Session {
  readonly #client: KubeClient;
  readonly #desired: DesiredInstance;
  readonly #inventory: readonly InventoryEntry[];
  readonly #options: ApplyOptions;
  readonly #stored: StoredRecord | undefined;
  readonly #identity: HolderIdentity;
  #lock: RecordLock<InstanceRecord> | undefined;
  #pending: InstanceRecord | undefined;
  createdNamespace = false;

  constructor(
    client: KubeClient,
    desired: DesiredInstance,
    from: {
      readonly stored: StoredRecord | undefined;
      readonly inventory: readonly InventoryEntry[];
      readonly options: ApplyOptions;
    },
  ) {
    this.#client = client;
    this.#desired = desired;
    this.#inventory = from.inventory.map(plainRef);
    this.#options = from.options;
    this.#stored = from.stored;
    this.#identity = from.options.holder ?? localHolder();
  }

  /** Whether the record says something else than what is desired. */
  get recordChanges(): boolean {
    return recordDiffers(this.#stored, this.#desired, this.#inventory);
  }

  get locked(): boolean {
    return this.#lock !== undefined;
  }

  /** Writes the pending record, unless that is done; the signal to work under comes back. */
  async lock(): Promise<AbortSignal | undefined> {
    const { signal } = this.#options;
    if (this.#lock === undefined) {
      this.#pending = this.#pendingRecord();
      try {
        this.#lock = await this.#acquire(this.#pending);
      } catch (error) {
        if (isKubeError(error, "KUBE_STALE", "KUBE_ALREADY_EXISTS")) {
          throw new RecordChanged("the record has changed", { cause: error });
        }
        throw error;
      }
      const from = this.#stored?.holder;
      this.#options.onEvent?.({ type: "lock-taken", from });
      this.#options.onEvent?.({ type: "record-written", state: "pending" });
    }
    return signal === undefined ? this.#lock.signal : AbortSignal.any([signal, this.#lock.signal]);
  }

  /** Whether there is nothing to wait for: all was seen to be ready, or nobody asks. */
  get settled(): boolean {
    return this.#options.wait === false || this.#stored?.record.applied?.ready === true;
  }

  /** Writes the applied record, where that changes anything. */
  async finish(inventory: readonly InventoryEntry[]): Promise<void> {
    const { signal, onEvent } = this.#options;
    if (this.#lock === undefined && !this.recordChanges) return this.#refresh(inventory);
    // An instance without objects: its namespace may still have to be made.
    if (this.#lock === undefined && this.#stored === undefined) await this.lock();
    const record = this.#appliedRecord(inventory);
    if (this.#lock !== undefined) {
      await this.#lock.release(record, signal);
    } else {
      rejectLiveHolder(this.#client, instanceRecords, this.#stored, this.#identity);
      await this.#writeUnlocked(record);
    }
    onEvent?.({ type: "record-written", state: "applied" });
  }

  /** Nothing was changed: keep what was learnt, so that the next run need not learn it again. */
  async #refresh(inventory: readonly InventoryEntry[]): Promise<void> {
    const { record, holder } = this.#stored ?? {};
    if (record?.applied === undefined || holder !== undefined) return;
    const ready = this.#options.wait === false ? record.applied.ready : true;
    const same = isEqual(record.applied.inventory, JSON.parse(JSON.stringify(inventory)));
    if (same && record.applied.ready === ready) return;
    const applied = { ...record.applied, inventory, ready };
    await this.#writeUnlocked({ ...record, applied }).catch((error: unknown) => {
      // Another run has written since, and knows better.
      if (!(error instanceof RecordChanged)) throw error;
    });
  }

  /** Notes why the run ended and gives the lock back. */
  async abandon(error: unknown): Promise<void> {
    if (this.#lock === undefined || this.#pending?.pending === undefined) return;
    const pending = { ...this.#pending.pending, error: failureOf(error) };
    await this.#lock.abandon({ ...this.#pending, pending });
  }

  async #acquire(record: InstanceRecord): Promise<RecordLock<InstanceRecord>> {
    const { signal, createNamespace: mayCreate = true } = this.#options;
    const options = { over: this.#stored, identity: this.#identity, signal };
    try {
      return await RecordLock.acquire(this.#client, instanceRecords, record, options);
    } catch (error) {
      if (!isKubeError(error, "KUBE_NAMESPACE_NOT_FOUND") || !mayCreate) throw error;
    }
    const { namespace } = this.#desired;
    await createNamespace(this.#client, namespace, this.#options);
    this.createdNamespace = true;
    return RecordLock.acquire(this.#client, instanceRecords, record, options);
  }

  async #writeUnlocked(record: InstanceRecord): Promise<void> {
    try {
      const { signal } = this.#options;
      await instanceRecords.write(this.#client, record, {
        over: this.#stored,
        holder: undefined,
        signal,
      });
    } catch (error) {
      if (!isKubeError(error, "KUBE_STALE")) throw error;
      throw new RecordChanged("the record has changed", { cause: error });
    }
  }

  #pendingRecord(): InstanceRecord {
    const before = this.#stored?.record;
    const { name, namespace } = this.#desired;
    // What an earlier run may have left behind stays on the list until it is pruned.
    const inventory = unionOf(this.#inventory, (before?.pending?.inventory ?? []).map(plainRef));
    const since = timestamp(this.#client.now());
    return {
      name,
      namespace,
      bundle: this.#desired.bundle,
      revision: before?.revision ?? 0,
      applied: before?.applied,
      pending: { operation: "apply", ...contentOf(this.#desired), inventory, since },
    };
  }

  #appliedRecord(inventory: readonly InventoryEntry[]): InstanceRecord {
    const { name, namespace, bundle } = this.#desired;
    const at = timestamp(this.#client.now());
    const revision = (this.#stored?.record.revision ?? 0) + 1;
    const ready = this.#options.wait === false ? {} : { ready: true as const };
    return {
      name,
      namespace,
      bundle,
      revision,
      applied: { ...contentOf(this.#desired), inventory, at, ...ready },
    };
  }
}

/** Tells whether the stored record has to be written for the desired state. */
export function recordDiffers(
  stored: StoredRecord | undefined,
  desired: DesiredInstance,
  inventory: readonly InventoryEntry[],
): boolean {
  const record = stored?.record;
  const applied = record?.applied;
  if (record === undefined || applied === undefined || record.pending !== undefined) return true;
  const was = normal(applied, applied.inventory);
  const willBe = normal(desired, inventory);
  return record.bundle !== desired.bundle || !isEqual(was, willBe);
}

type Content = Pick<
  DesiredInstance,
  "module" | "values" | "images" | "rewrittenImages" | "healthChecks"
>;

function contentOf({ module, values, images, rewrittenImages, healthChecks }: Content): Content {
  return { module, values, images, rewrittenImages, healthChecks };
}

function normal(state: Content, inventory: readonly InventoryEntry[]): unknown {
  const refs = inventory.map(plainRef);
  // Which mirror gave the same bytes is no difference.
  const module = { ...state.module, mirror: undefined };
  // Through JSON, as members that are undefined do not survive in the record.
  return JSON.parse(JSON.stringify({ ...contentOf(state), module, refs }));
}
