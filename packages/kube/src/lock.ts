import type { KubeClient } from "./client/kube-client.ts";
import { timestamp } from "./clock.ts";
import { isEqual } from "./diff.ts";
import { KubeError, isKubeError } from "./errors.ts";
import {
  type HolderIdentity,
  holderEntry,
  holderLifetime,
  holderRenewal,
  isAlive,
} from "./holder.ts";
import type { StoredRecord } from "./record-secret.ts";
import { readRecord, removeRecord, writeHolder, writeRecord } from "./record-store.ts";
import type { Holder, InstanceRecord } from "./record.ts";

/** How long the last words of a run that was told to stop may take. */
const partingTime = 3000;

/**
 * The right to change one instance. It stands in the instance record, is renewed while it is held
 * and ends with {@link RecordLock.release}; whoever loses it learns so from `signal`.
 */
export class RecordLock {
  readonly #client: KubeClient;
  readonly #identity: HolderIdentity;
  readonly #since: string;
  readonly #lost = new AbortController();
  readonly #done = new AbortController();
  #stored: StoredRecord;
  #queue: Promise<unknown> = Promise.resolve();
  #removalExpected = false;

  constructor(client: KubeClient, identity: HolderIdentity, stored: StoredRecord) {
    this.#client = client;
    this.#identity = identity;
    this.#stored = stored;
    this.#since = stored.holder?.since ?? timestamp(client.now());
    void this.#renew();
  }

  /**
   * Writes the record with us as its holder.
   *
   * @throws KubeError `KUBE_RECORD_LOCKED`; `KUBE_STALE` or `KUBE_ALREADY_EXISTS` when the record is
   * no longer the one that was read
   */
  static async acquire(
    client: KubeClient,
    record: InstanceRecord,
    options: {
      readonly over: StoredRecord | undefined;
      readonly identity: HolderIdentity;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<RecordLock> {
    const { over, identity, signal } = options;
    rejectLiveHolder(client, over, identity);
    const now = client.now();
    const holder = holderEntry(identity, timestamp(now), now);
    const stored = await writeRecord(client, record, { over, holder, signal }).catch(
      async (error: unknown) => {
        const found = await ours(client, { record, identity, error, signal });
        if (found === undefined) throw error;
        return found;
      },
    );
    return new RecordLock(client, identity, stored);
  }

  /** Aborted when another run has taken over, with the error to throw. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** From now on the record may vanish without the lock being lost: its namespace is going. */
  expectRemoval(): void {
    this.#removalExpected = true;
  }

  /** Writes the last state of the record and lets go of it. */
  async release(record: InstanceRecord, signal?: AbortSignal): Promise<StoredRecord> {
    this.#done.abort();
    return this.#enqueue(async () => {
      this.#stored = await this.#write(record, signal);
      return this.#stored;
    });
  }

  /** Writes why the run ended and lets go; when even that fails, the holder expires by itself. */
  async abandon(record: InstanceRecord): Promise<void> {
    if (this.#lost.signal.aborted) return;
    try {
      await this.release(record, AbortSignal.timeout(partingTime));
    } catch {
      // The error that led here is the one to report.
    }
  }

  /** Removes the record. */
  async remove(signal?: AbortSignal): Promise<void> {
    this.#done.abort();
    await this.#enqueue(() => removeRecord(this.#client, this.#stored, { signal }));
  }

  /** Others may touch the Secret without taking the lock, and answers may get lost. */
  async #write(record: InstanceRecord, signal: AbortSignal | undefined): Promise<StoredRecord> {
    const [client, identity] = [this.#client, this.#identity];
    const options = { over: this.#stored, holder: undefined, signal };
    try {
      return await writeRecord(client, record, options);
    } catch (error) {
      const held = await ours(client, { record: this.#stored.record, identity, error, signal });
      if (held !== undefined) return writeRecord(client, record, { ...options, over: held });
      const written = await readRecord(client, record.name, record.namespace, { signal });
      if (written?.holder !== undefined || !isSame(written?.record, record)) throw error;
      return written!;
    }
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(task);
    this.#queue = next.catch(() => {});
    return next;
  }

  async #renew(): Promise<void> {
    let expires = this.#client.now() + holderLifetime;
    for (;;) {
      try {
        await this.#client.clock.sleep(holderRenewal, this.#done.signal);
        const now = this.#client.now();
        await this.#enqueue(() => this.#writeHolder(now));
        expires = now + holderLifetime;
      } catch (error) {
        if (this.#done.signal.aborted) return;
        const taken = isKubeError(error, "KUBE_STALE", "KUBE_NOT_FOUND");
        if (taken && this.#removalExpected) return;
        if (!taken && this.#client.now() < expires) continue;
        this.#lost.abort(lostError(this.#stored.record, error));
        return;
      }
    }
  }

  async #writeHolder(now: number): Promise<void> {
    if (this.#done.signal.aborted) return;
    const holder = holderEntry(this.#identity, this.#since, now);
    try {
      this.#stored = await writeHolder(this.#client, this.#stored, { holder });
    } catch (error) {
      const { record } = this.#stored;
      const held = await ours(this.#client, { record, identity: this.#identity, error });
      if (held === undefined) throw error;
      this.#stored = held;
    }
  }
}

/** After a refused write: the record as it is, when we hold it all the same. */
async function ours(
  client: KubeClient,
  write: {
    readonly record: InstanceRecord;
    readonly identity: HolderIdentity;
    readonly error: unknown;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<StoredRecord | undefined> {
  const { record, identity, error, signal } = write;
  if (!isKubeError(error, "KUBE_STALE", "KUBE_ALREADY_EXISTS")) return undefined;
  const stored = await readRecord(client, record.name, record.namespace, { signal });
  if (stored?.holder?.id !== identity.id || !isSame(stored.record, record)) return undefined;
  return stored;
}

function isSame(a: InstanceRecord | undefined, b: InstanceRecord): boolean {
  return a !== undefined && isEqual(a, JSON.parse(JSON.stringify(b)));
}

/**
 * Rejects a record that another run holds.
 *
 * @throws KubeError `KUBE_RECORD_LOCKED`
 */
export function rejectLiveHolder(
  client: KubeClient,
  stored: StoredRecord | undefined,
  identity: HolderIdentity,
): void {
  const holder = stored?.holder;
  if (stored === undefined || holder === undefined || holder.id === identity.id) return;
  if (!isAlive(holder, identity, client.now())) return;
  throw lockedError(stored.record, holder);
}

function lockedError(record: InstanceRecord, holder: Holder): KubeError {
  const { name, namespace } = record;
  const host = holder.host.split("/", 1)[0];
  return new KubeError(
    "KUBE_RECORD_LOCKED",
    `Cannot change instance ${name} in ${namespace}: process ${holder.pid} on ${host} is changing it since ${holder.since}`,
    {
      hint: `Wait for it to end; if it is dead, the lock ends at ${holder.expires}`,
      details: { holder },
    },
  );
}

function lostError(record: InstanceRecord, cause: unknown): KubeError {
  return new KubeError(
    "KUBE_RECORD_LOCKED",
    `Cannot go on changing instance ${record.name} in ${record.namespace}: its lock was lost`,
    { hint: "Another run has taken over, or the API server was out of reach for too long", cause },
  );
}
