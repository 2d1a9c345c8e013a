import type { KubeClient } from "../client/kube-client.ts";
import { timestamp } from "../clock.ts";
import { createNamespace } from "../create-namespace.ts";
import { isEqual } from "../diff.ts";
import { KubeError, isKubeError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import { type HolderIdentity, localHolder } from "../holder.ts";
import { RecordLock } from "../lock.ts";
import type { Stored } from "../record-secret.ts";
import { bundleRecords } from "../record-store.ts";
import { failureOf } from "../record.ts";
import {
  type BundleMember,
  type BundleRecord,
  membersOf,
  unionOfMembers,
} from "./bundle-record.ts";
import { type FindBundleRequest, findBundleRecord } from "./find-bundle-record.ts";

/** Which bundle to work on. */
export interface OpenBundleRecordRequest extends FindBundleRequest {
  /** Who runs; this process by default. */
  readonly holder?: HolderIdentity | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Reads the record of a bundle, to work on the bundle. A new record stands in the first of the
 * namespaces.
 *
 * @throws KubeError `KUBE_RECORD_INVALID`
 */
export async function openBundleRecord(
  client: KubeClient,
  request: OpenBundleRecordRequest,
): Promise<BundleSession> {
  return new BundleSession(client, request, await findBundleRecord(client, request));
}

/** The record of one bundle on one cluster during one run: locked before the first change. */
export class BundleSession {
  readonly #client: KubeClient;
  readonly #request: OpenBundleRecordRequest;
  readonly #stored: Stored<BundleRecord> | undefined;
  #lock: RecordLock<BundleRecord> | undefined;
  #pending: BundleRecord | undefined;

  constructor(
    client: KubeClient,
    request: OpenBundleRecordRequest,
    stored: Stored<BundleRecord> | undefined,
  ) {
    this.#client = client;
    this.#request = request;
    this.#stored = stored;
  }

  /** The record as it was read; nothing when the bundle is new. */
  get record(): BundleRecord | undefined {
    return this.#stored?.record;
  }

  /** All instances that the bundle has or was on its way to have. */
  get members(): readonly BundleMember[] {
    return membersOf(this.record);
  }

  /**
   * Notes what the run is on its way to and takes the lock, unless that is what the record says. The
   * signal to work under comes back.
   *
   * @throws KubeError `KUBE_RECORD_LOCKED`
   */
  async begin(
    operation: "apply" | "delete",
    members: readonly BundleMember[],
  ): Promise<AbortSignal | undefined> {
    const { signal } = this.#request;
    const same =
      this.record?.pending === undefined && isSame(this.record?.applied?.members, members);
    if (operation === "apply" && same) return signal;
    this.#pending = this.#pendingRecord(operation, members);
    this.#lock = await this.#acquire(this.#pending);
    this.#request.onEvent?.({ type: "lock-taken", from: this.#stored?.holder });
    return signal === undefined ? this.#lock.signal : AbortSignal.any([signal, this.#lock.signal]);
  }

  /** Notes that the bundle has these instances now, and no others. */
  async finish(members: readonly BundleMember[]): Promise<void> {
    if (this.#lock === undefined || this.#pending === undefined) return;
    const { pending: _, ...record } = this.#pending;
    const at = timestamp(this.#client.now());
    const applied = { members, at };
    const revision = record.revision + 1;
    await this.#lock.release({ ...record, revision, applied }, this.#request.signal);
  }

  /** Notes why the run ended, and the instances that there may still be. */
  async abandon(error: unknown, left?: readonly BundleMember[]): Promise<void> {
    if (this.#lock === undefined || this.#pending?.pending === undefined) return;
    const members = left ?? this.#pending.pending.members;
    const pending = { ...this.#pending.pending, members, error: failureOf(error) };
    await this.#lock.abandon({ ...this.#pending, pending });
  }

  /** The namespace that the record stands in may go while the run goes on. */
  expectRemoval(): void {
    this.#lock?.expectRemoval();
  }

  /** Removes the record: nothing is left of the bundle. */
  async remove(): Promise<void> {
    await this.#lock?.remove(this.#request.signal);
  }

  #pendingRecord(operation: "apply" | "delete", members: readonly BundleMember[]): BundleRecord {
    const { bundle: name, cluster, namespaces } = this.#request;
    const namespace = this.record?.namespace ?? namespaces[0] ?? this.#client.connection.namespace;
    const since = timestamp(this.#client.now());
    const all = unionOfMembers(members, this.members);
    const { applied, revision = 0 } = this.record ?? {};
    return {
      name,
      namespace,
      ...(cluster === undefined ? {} : { cluster }),
      revision,
      applied,
      pending: { operation, members: all, since },
    };
  }

  async #acquire(record: BundleRecord): Promise<RecordLock<BundleRecord>> {
    const { holder: identity = localHolder(), signal } = this.#request;
    const options = { over: this.#stored, identity, signal };
    const acquire = (): Promise<RecordLock<BundleRecord>> =>
      RecordLock.acquire(this.#client, bundleRecords, record, options);
    try {
      return await acquire().catch(async (error: unknown) => {
        if (!isKubeError(error, "KUBE_NAMESPACE_NOT_FOUND")) throw error;
        await createNamespace(this.#client, record.namespace, this.#request);
        return acquire();
      });
    } catch (error) {
      if (!isKubeError(error, "KUBE_STALE", "KUBE_ALREADY_EXISTS")) throw error;
      throw new KubeError(
        "KUBE_RECORD_LOCKED",
        `Cannot change ${bundleRecords.kind.describe(record)}: another run has just changed it`,
        { hint: "Run the same command again", cause: error },
      );
    }
  }
}

/** The order counts too: it is that of a delete. */
function isSame(a: readonly BundleMember[] | undefined, b: readonly BundleMember[]): boolean {
  return a !== undefined && isEqual(a, JSON.parse(JSON.stringify(b)));
}
