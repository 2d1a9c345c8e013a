import { type KubeObjectView, identityOf } from "@tenon/core";

import type { ApiResource } from "./client/api-resource.ts";
import { apiVersionOf } from "./client/api-resource.ts";
import type { KubeClient } from "./client/kube-client.ts";
import { type CallOptions, listObjects } from "./client/objects.ts";
import { KubeError, isKubeError } from "./errors.ts";
import { instanceLabel } from "./identity.ts";
import type { StoredRecord } from "./record-secret.ts";
import { instanceRecords } from "./record-store.ts";

/** Instances that one run is about. */
export interface InstanceKey {
  readonly name: string;
  readonly namespace: string;
}

/** More names than this make an address that servers refuse. */
const mostNames = 60;

/** A list that is older than this is made anew: others work on the cluster as well. */
const freshFor = 30_000;

type Metadata = ReadonlyMap<string, KubeObjectView>;

/**
 * Reads for many instances at once what each of them would read for itself: one list of their
 * records, and one list of metadata for each kind. Where the user may not list in all namespaces,
 * nothing comes back, and each instance reads for itself.
 */
export class SharedReads {
  readonly #client: KubeClient;
  readonly #instances: readonly InstanceKey[];
  readonly #given = new Set<string>();
  readonly #metadata = new Map<string, { at: number; found: Promise<Metadata | undefined> }>();
  #records: Promise<Map<string, StoredRecord | KubeError> | undefined> | undefined;

  constructor(client: KubeClient, instances: readonly InstanceKey[]) {
    this.#client = client;
    this.#instances = instances;
  }

  /**
   * The record of an instance. Each is given out once: who needs it again has learnt that it has
   * changed.
   *
   * @throws KubeError `KUBE_RECORD_INVALID`
   */
  async record(
    key: InstanceKey,
    options: CallOptions,
  ): Promise<{ readonly stored: StoredRecord | undefined } | undefined> {
    const place = placeOf(key);
    if (this.#given.has(place)) return undefined;
    this.#given.add(place);
    return this.peek(key, options);
  }

  /**
   * The record of an instance, which can still be given out.
   *
   * @throws KubeError `KUBE_RECORD_INVALID`
   */
  async peek(
    key: InstanceKey,
    options: CallOptions,
  ): Promise<{ readonly stored: StoredRecord | undefined } | undefined> {
    this.#records ??= this.#listRecords(options);
    const records = await this.#records;
    const stored = records?.get(placeOf(key));
    if (stored instanceof KubeError) throw stored;
    return records === undefined ? undefined : { stored };
  }

  /** The metadata of all objects of a kind that the instances own, by identity. */
  metadata(resource: ApiResource, options: CallOptions): Promise<Metadata | undefined> {
    const key = [resource.group, resource.version, resource.plural].join("|");
    const now = this.#client.clock.now();
    const kept = this.#metadata.get(key);
    if (kept !== undefined && now - kept.at < freshFor) return kept.found;
    const found = this.#listMetadata(resource, options);
    this.#metadata.set(key, { at: now, found });
    return found;
  }

  async #listRecords(
    options: CallOptions,
  ): Promise<Map<string, StoredRecord | KubeError> | undefined> {
    const names = this.#names();
    const listed = await unlessForbidden(instanceRecords.list(this.#client, { ...options, names }));
    if (listed === undefined) return undefined;
    return new Map(listed.map((entry) => [placeOf(entry), entry.stored] as const));
  }

  async #listMetadata(resource: ApiResource, options: CallOptions): Promise<Metadata | undefined> {
    const names = this.#names();
    const labelSelector =
      names === undefined ? instanceLabel : `${instanceLabel} in (${names.join(",")})`;
    const listed = await unlessForbidden(
      listObjects(this.#client, resource, { ...options, labelSelector, metadataOnly: true }),
    );
    if (listed === undefined) return undefined;
    const [apiVersion, kind] = [apiVersionOf(resource), resource.kind];
    return new Map(
      listed.map((view) => {
        const { namespace, name } = view.metadata;
        return [identityOf({ apiVersion, kind, namespace, name }), view] as const;
      }),
    );
  }

  #names(): string[] | undefined {
    const names = [...new Set(this.#instances.map(({ name }) => name))];
    return names.length > mostNames ? undefined : names;
  }
}

/**
 * Lets the applies of many instances share what they read and watch.
 *
 * @example
 * const reads = shareReads(client, instances);
 * await Promise.all(instances.map((instance) => applyInstance(client, instance, { reads })));
 */
export function shareReads(client: KubeClient, instances: readonly InstanceKey[]): SharedReads {
  const spread = new Set(instances.map(({ namespace }) => namespace)).size > 1;
  if (spread) client.watches.widen();
  return new SharedReads(client, instances);
}

function placeOf({ name, namespace }: InstanceKey): string {
  return `${namespace}/${name}`;
}

async function unlessForbidden<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task;
  } catch (error) {
    if (isKubeError(error, "KUBE_FORBIDDEN", "KUBE_KIND_UNKNOWN")) return undefined;
    throw error;
  }
}
