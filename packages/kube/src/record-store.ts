import type { BundleRecord } from "./bundle/bundle-record.ts";
import type { KubeClient } from "./client/kube-client.ts";
import { type CallOptions, deleteObject, getObject, listObjects } from "./client/objects.ts";
import { resourcePath } from "./client/resource-path.ts";
import { type KubeError, isKubeError } from "./errors.ts";
import { fieldManager, recordKeys, recordLabel } from "./identity.ts";
import { type RecordKind, bundleKind, instanceKind } from "./record-kind.ts";
import { removeParts, writeParts } from "./record-parts.ts";
import {
  type SecretView,
  type Stored,
  base64,
  parseRecordSecret,
  secrets,
} from "./record-secret.ts";
import { type AnyRecord, type Holder, type InstanceRecord, encodeRecord } from "./record.ts";

/** A record in a list; one that cannot be read is its error. */
export interface ListedRecord<R extends AnyRecord> {
  readonly name: string;
  readonly namespace: string;
  readonly stored: Stored<R> | KubeError;
}

/** Which records to list. */
export interface ListRecordsOptions extends CallOptions {
  /** All namespaces when it is left out. */
  readonly namespace?: string | undefined;
  /** The names of those that are wanted. */
  readonly names?: readonly string[] | undefined;
}

/** What a record is written over, and by whom. */
export interface WriteRecordOptions<R extends AnyRecord> extends CallOptions {
  readonly over: Stored<R> | undefined;
  readonly holder: Holder | undefined;
}

/** Keeps records of one kind in Secrets of a cluster. */
export class RecordStore<R extends AnyRecord> {
  readonly kind: RecordKind<R>;

  constructor(kind: RecordKind<R>) {
    this.kind = kind;
  }

  /** Reads one record; nothing comes back when there is none. */
  async read(
    client: KubeClient,
    key: Pick<R, "name"> & Partial<R> & { readonly namespace: string },
    options: CallOptions = {},
  ): Promise<Stored<R> | undefined> {
    const { namespace } = key;
    const ref = { apiVersion: "v1", kind: "Secret", namespace, name: this.kind.secretName(key) };
    const secret = (await getObject(client, secrets, ref, options)) as SecretView | undefined;
    if (secret === undefined) return undefined;
    return parseRecordSecret<R>(secret, namespace, async (part) => {
      const found = await getObject(client, secrets, { ...ref, name: part }, options);
      return found as SecretView | undefined;
    });
  }

  /** Reads all records in a namespace, or in all of them, with one list call. */
  async list(client: KubeClient, options: ListRecordsOptions): Promise<ListedRecord<R>[]> {
    const { role, partRole } = this.kind;
    const { names, namespace, signal } = options;
    const named = names === undefined ? "" : `,app.kubernetes.io/name in (${names.join(",")})`;
    const found = (await listObjects(client, secrets, {
      namespace,
      signal,
      labelSelector: `${recordLabel} in (${role},${partRole})${named}`,
    })) as unknown as (SecretView & { metadata: { namespace: string } })[];
    const listed: ListedRecord<R>[] = [];
    for (const secret of found) {
      if (secret.metadata.labels?.[recordLabel] !== role) continue;
      const at = secret.metadata.namespace;
      const part = async (wanted: string): Promise<SecretView | undefined> =>
        found.find(({ metadata }) => metadata.namespace === at && metadata.name === wanted);
      const stored = await parseRecordSecret<R>(secret, at, part).catch((error: unknown) => {
        if (isKubeError(error, "KUBE_RECORD_INVALID")) return error as KubeError;
        throw error;
      });
      const { labels, name } = secret.metadata;
      listed.push({ name: labels["app.kubernetes.io/name"] ?? name, namespace: at, stored });
    }
    return listed;
  }

  /**
   * Writes a record: a new one when nothing is stored, else over what was read before.
   *
   * @throws KubeError `KUBE_STALE` or `KUBE_ALREADY_EXISTS` when someone else wrote in between
   */
  async write(client: KubeClient, record: R, options: WriteRecordOptions<R>): Promise<Stored<R>> {
    const { over, holder, signal } = options;
    const encoded = await encodeRecord(record);
    const parts = await writeParts(client, this.kind, record, { encoded, signal });
    const content = parts.length === 0 ? encoded.bytes : Buffer.from(JSON.stringify(parts), "utf8");
    const encoding = parts.length === 0 ? encoded.encoding : `${encoded.encoding}-parts`;
    const data = {
      [recordKeys.record]: Buffer.from(content).toString("base64"),
      [recordKeys.encoding]: base64(encoding),
      [recordKeys.holder]: holder === undefined ? null : base64(JSON.stringify(holder)),
    };
    const secret = await (over === undefined
      ? this.#create(client, record, data, signal)
      : this.#patch(client, record, { data, resourceVersion: over.resourceVersion, signal }));
    const all = [
      ...(over?.parts ?? []),
      ...(await this.#strayParts(client, record, { parts, ...options })),
    ];
    const unused = new Set(all.filter((part) => !parts.includes(part)));
    await removeParts(client, record.namespace, [...unused], signal);
    const { resourceVersion, uid, creationTimestamp } = secret.metadata;
    return { record, holder, resourceVersion, uid, parts, createdAt: creationTimestamp };
  }

  /** Moves the expiry of the holder, leaving the record as it is. */
  async writeHolder(
    client: KubeClient,
    stored: Stored<R>,
    options: CallOptions & { readonly holder: Holder },
  ): Promise<Stored<R>> {
    const { holder, signal } = options;
    const data = { [recordKeys.holder]: base64(JSON.stringify(holder)) };
    const { resourceVersion, record } = stored;
    const secret = await this.#patch(client, record, { data, resourceVersion, signal });
    return { ...stored, holder, resourceVersion: secret.metadata.resourceVersion };
  }

  /** Removes a record with all its parts. */
  async remove(client: KubeClient, stored: Stored<R>, options: CallOptions = {}): Promise<void> {
    const { record } = stored;
    const { namespace } = record;
    const secretName = this.kind.secretName(record);
    const ref = { apiVersion: "v1", kind: "Secret", namespace, name: secretName };
    try {
      await deleteObject(client, secrets, ref, { ...options, uid: stored.uid });
    } catch (error) {
      // Ours was gone before an answer came, and this is the record of a later run.
      if (isKubeError(error, "KUBE_STALE")) return;
      throw error;
    }
    await removeParts(
      client,
      namespace,
      await this.#partsOf(client, record, options),
      options.signal,
    );
  }

  /**
   * Parts that a run has left behind which was killed before its record stood. Only who holds the record
   * may look for them: those of another run that is about to write would be taken for such.
   */
  async #strayParts(
    client: KubeClient,
    record: R,
    { parts, over, holder, signal }: WriteRecordOptions<R> & { readonly parts: readonly string[] },
  ): Promise<string[]> {
    const large = parts.length > 0 || (over?.parts.length ?? 0) > 0;
    if (!large || holder === undefined) return [];
    return this.#partsOf(client, record, { signal });
  }

  /** The names of all parts that there are for a record. */
  async #partsOf(client: KubeClient, record: R, { signal }: CallOptions): Promise<string[]> {
    const { namespace, name } = record;
    const found = await listObjects(client, secrets, {
      namespace,
      metadataOnly: true,
      labelSelector: `${recordLabel}=${this.kind.partRole},app.kubernetes.io/name=${name}`,
      signal,
    });
    const prefix = `${this.kind.secretName(record)}.`;
    return found.map(({ metadata }) => metadata.name).filter((part) => part.startsWith(prefix));
  }

  async #create(
    client: KubeClient,
    record: R,
    data: Readonly<Record<string, string | null>>,
    signal: AbortSignal | undefined,
  ): Promise<SecretView> {
    const { namespace } = record;
    const kept = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
    const labels = this.kind.labels(record, this.kind.role);
    const metadata = { name: this.kind.secretName(record), namespace, labels };
    const { type } = this.kind;
    const response = await client.request({
      method: "POST",
      path: resourcePath(secrets, namespace),
      query: { fieldManager },
      body: JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, type, data: kept }),
      action: `write the record of ${this.kind.describe(record)}`,
      // A repeat of a write that did arrive is refused, and the caller looks whose it was.
      idempotent: true,
      signal,
    });
    return JSON.parse(response.text) as SecretView;
  }

  async #patch(
    client: KubeClient,
    record: R,
    change: {
      readonly data: Readonly<Record<string, string | null>>;
      readonly resourceVersion: string;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<SecretView> {
    const { kind } = this;
    const cleared = kind.optionalLabels.map((label): [string, null] => [label, null]);
    const labels = { ...Object.fromEntries(cleared), ...kind.labels(record, kind.role) };
    const { resourceVersion, data, signal } = change;
    const response = await client.request({
      method: "PATCH",
      path: resourcePath(secrets, record.namespace, kind.secretName(record)),
      query: { fieldManager },
      contentType: "application/merge-patch+json",
      body: JSON.stringify({ metadata: { resourceVersion, labels }, data }),
      action: `write the record of ${kind.describe(record)}`,
      // A repeat of a write that did arrive is refused, and the caller looks whose it was.
      idempotent: true,
      signal,
    });
    return JSON.parse(response.text) as SecretView;
  }
}

/** Records of instances: the Secrets `tenon.<instance>`. */
export const instanceRecords: RecordStore<InstanceRecord> = new RecordStore(instanceKind);

/** Records of bundles: the Secrets `tenon-bundle.<bundle>`. */
export const bundleRecords: RecordStore<BundleRecord> = new RecordStore(bundleKind);
