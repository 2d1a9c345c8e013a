import type { KubeClient } from "./client/kube-client.ts";
import { timestamp } from "./clock.ts";
import { isEqual } from "./diff.ts";
import { KubeError, isKubeError } from "./errors.ts";
import {
  type HolderIdentity,
  holderEntry,
  holderLifetime,
  holderRenewal,
  holderText,
  isAlive,
} from "./holder.ts";
import type { Stored } from "./record-secret.ts";
import type { RecordStore } from "./record-store.ts";
import type { AnyRecord, Holder } from "./record.ts";

/** How long the last words of a run that was told to stop may take. */
const partingTime = 3000;

/**
 * The right to change one instance or bundle. It stands in the record, is renewed while it is held
 * and ends with {@link RecordLock.release}; whoever loses it learns so from `signal`.
 */
export class RecordLock<R extends AnyRecord> {
  readonly #client: KubeClient;
  readonly #store: RecordStore<R>;
  readonly #identity: HolderIdentity;
  readonly #since: string;
  readonly #lost = new AbortController();
  readonly #done = new AbortController();
  #stored: Stored<R>;
  #queue: Promise<unknown> = Promise.resolve();
  #removalExpected = false;

  private constructor(
    client: KubeClient,
    store: RecordStore<R>,
    identity: HolderIdentity,
    stored: Stored<R>,
  ) {
    this.#client = client;
    this.#store = store;
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
  static async acquire<R extends AnyRecord>(
    client: KubeClient,
    store: RecordStore<R>,
    record: R,
    options: {
      readonly over: Stored<R> | undefined;
      readonly identity: HolderIdentity;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<RecordLock<R>> {
    const { over, identity, signal } = options;
    rejectLiveHolder(client, store, over, identity);
    const now = client.now();
    const holder = holderEntry(identity, timestamp(now), now);
    const stored = await store
      .write(client, record, { over, holder, signal })
      .catch(async (error: unknown) => {
        const found = await ours(client, store, { record, identity, error, signal });
        if (found !== undefined) return found;
        const same = await unchanged(client, store, { over, identity, error, signal });
        if (same === undefined) throw error;
        return store.write(client, record, { over: same, holder, signal });
      });
    return new RecordLock(client, store, identity, stored);
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
  async release(record: R, signal?: AbortSignal): Promise<Stored<R>> {
    this.#done.abort();
    return this.#enqueue(async () => {
      this.#stored = await this.#write(record, signal);
      return this.#stored;
    });
  }

  /** Writes why the run ended and lets go; when even that fails, the holder expires by itself. */
  async abandon(record: R): Promise<void> {
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
    await this.#enqueue(() => this.#store.remove(this.#client, this.#stored, { signal }));
  }

  /** Others may touch the Secret without taking the lock, and answers may get lost. */
  async #write(record: R, signal: AbortSignal | undefined): Promise<Stored<R>> {
    const [client, store, identity] = [this.#client, this.#store, this.#identity];
    const options = { over: this.#stored, holder: undefined, signal };
    try {
      return await store.write(client, record, options);
    } catch (error) {
      const before = { record: this.#stored.record, identity, error, signal };
      const held = await ours(client, store, before);
      if (held !== undefined) return store.write(client, record, { ...options, over: held });
      const written = await store.read(client, record, { signal });
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
    let pause = holderRenewal;
    for (;;) {
      try {
        await this.#client.clock.sleep(pause, this.#done.signal);
        const now = this.#client.now();
        await this.#enqueue(() => this.#writeHolder(now));
        expires = now + holderLifetime;
        // A write that took long, because the server was away, is followed by the next at once.
        pause = Math.max(0, holderRenewal - (this.#client.now() - now));
      } catch (error) {
        if (this.#done.signal.aborted) return;
        const taken = isKubeError(error, "KUBE_STALE", "KUBE_NOT_FOUND");
        if (taken && this.#removalExpected) return;
        if (!taken && this.#client.now() < expires) continue;
        this.#lost.abort(lostError(this.#store.kind.describe(this.#stored.record), error));
        return;
      }
    }
  }

  async #writeHolder(now: number): Promise<void> {
    if (this.#done.signal.aborted) return;
    const holder = holderEntry(this.#identity, this.#since, now);
    try {
      this.#stored = await this.#store.writeHolder(this.#client, this.#stored, { holder });
    } catch (error) {
      const { record } = this.#stored;
      const held = await ours(this.#client, this.#store, {
        record,
        identity: this.#identity,
        error,
      });
      if (held === undefined) throw error;
      this.#stored = held;
    }
  }
}

/** After a refused write: the record as it is, when we hold it all the same. */
async function ours<R extends AnyRecord>(
  client: KubeClient,
  store: RecordStore<R>,
  write: {
    readonly record: R;
    readonly identity: HolderIdentity;
    readonly error: unknown;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Stored<R> | undefined> {
  const { record, identity, error, signal } = write;
  if (!isKubeError(error, "KUBE_STALE", "KUBE_ALREADY_EXISTS")) return undefined;
  const stored = await store.read(client, record, { signal });
  if (stored?.holder?.id !== identity.id || !isSame(stored.record, record)) return undefined;
  return stored;
}

/** After a refused write: the record as it is, when it still says what was read and nobody holds it. */
async function unchanged<R extends AnyRecord>(
  client: KubeClient,
  store: RecordStore<R>,
  write: {
    readonly over: Stored<R> | undefined;
    readonly identity: HolderIdentity;
    readonly error: unknown;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Stored<R> | undefined> {
  const { over, identity, error, signal } = write;
  if (over === undefined || !isKubeError(error, "KUBE_STALE")) return undefined;
  const stored = await store.read(client, over.record, { signal });
  if (stored === undefined || !isSame(stored.record, over.record)) return undefined;
  const { holder } = stored;
  return holder !== undefined && isAlive(holder, identity, client.now()) ? undefined : stored;
}

function isSame(a: AnyRecord | undefined, b: AnyRecord): boolean {
  return a !== undefined && isEqual(a, JSON.parse(JSON.stringify(b)));
}

/**
 * Rejects a record that another run holds.
 *
 * @throws KubeError `KUBE_RECORD_LOCKED`
 */
export function rejectLiveHolder<R extends AnyRecord>(
  client: KubeClient,
  store: RecordStore<R>,
  stored: Stored<R> | undefined,
  identity: HolderIdentity,
): void {
  const holder = stored?.holder;
  if (stored === undefined || holder === undefined || holder.id === identity.id) return;
  if (!isAlive(holder, identity, client.now())) return;
  throw lockedError(store.kind.describe(stored.record), holder);
}

function lockedError(what: string, holder: Holder): KubeError {
  return new KubeError(
    "KUBE_RECORD_LOCKED",
    `Cannot change ${what}: ${holderText(holder)} is changing it since ${holder.since}`,
    {
      hint: `Wait for it to end; if it is dead, the lock ends at ${holder.expires}`,
      details: { holder },
    },
  );
}

function lostError(what: string, cause: unknown): KubeError {
  return new KubeError("KUBE_RECORD_LOCKED", `Cannot go on changing ${what}: its lock was lost`, {
    hint: "Another run has taken over, or the API server was out of reach for too long",
    cause,
  });
}
