import type { KubeClient } from "./client/kube-client.ts";
import { type CallOptions, deleteObject, getObject, listObjects } from "./client/objects.ts";
import { resourcePath } from "./client/resource-path.ts";
import { type KubeError, isKubeError } from "./errors.ts";
import {
  bundleLabel,
  fieldManager,
  recordKeys,
  recordLabel,
  recordLabels,
  recordName,
  recordType,
} from "./identity.ts";
import { removeParts, writeParts } from "./record-parts.ts";
import {
  type SecretView,
  type StoredRecord,
  base64,
  parseRecordSecret,
  secrets,
} from "./record-secret.ts";
import { type Holder, type InstanceRecord, encodeRecord } from "./record.ts";

/** Reads the record of an instance; nothing comes back when there is none. */
export async function readRecord(
  client: KubeClient,
  name: string,
  namespace: string,
  options: CallOptions = {},
): Promise<StoredRecord | undefined> {
  const ref = { apiVersion: "v1", kind: "Secret", namespace, name: recordName(name) };
  const secret = (await getObject(client, secrets, ref, options)) as SecretView | undefined;
  if (secret === undefined) return undefined;
  return parseRecordSecret(secret, namespace, async (part) => {
    const found = await getObject(client, secrets, { ...ref, name: part }, options);
    return found as SecretView | undefined;
  });
}

/** Reads all records in a namespace, or in all of them, with one list call. */
export async function listRecords(
  client: KubeClient,
  options: CallOptions & { readonly namespace?: string | undefined },
): Promise<
  { readonly name: string; readonly namespace: string; readonly stored: StoredRecord | KubeError }[]
> {
  const found = (await listObjects(client, secrets, {
    ...options,
    labelSelector: `${recordLabel} in (instance,part)`,
  })) as unknown as (SecretView & { metadata: { namespace: string } })[];
  const records = [];
  for (const secret of found) {
    if (secret.metadata.labels?.[recordLabel] !== "instance") continue;
    const { namespace } = secret.metadata;
    const name = secret.metadata.labels["app.kubernetes.io/name"] ?? secret.metadata.name.slice(6);
    const part = async (wanted: string): Promise<SecretView | undefined> =>
      found.find(({ metadata }) => metadata.namespace === namespace && metadata.name === wanted);
    const stored = await parseRecordSecret(secret, namespace, part).catch((error: unknown) => {
      if (isKubeError(error, "KUBE_RECORD_INVALID")) return error as KubeError;
      throw error;
    });
    records.push({ name, namespace, stored });
  }
  return records;
}

/**
 * Writes a record: a new one when nothing is stored, else over what was read before.
 *
 * @throws KubeError `KUBE_STALE` or `KUBE_ALREADY_EXISTS` when someone else wrote in between
 */
export async function writeRecord(
  client: KubeClient,
  record: InstanceRecord,
  options: CallOptions & {
    readonly over: StoredRecord | undefined;
    readonly holder: Holder | undefined;
  },
): Promise<StoredRecord> {
  const { over, holder, signal } = options;
  const encoded = await encodeRecord(record);
  const parts = await writeParts(client, record, encoded, signal);
  const content = parts.length === 0 ? encoded.bytes : Buffer.from(JSON.stringify(parts), "utf8");
  const data = {
    [recordKeys.record]: Buffer.from(content).toString("base64"),
    [recordKeys.encoding]: base64(
      parts.length === 0 ? encoded.encoding : `${encoded.encoding}-parts`,
    ),
    [recordKeys.holder]: holder === undefined ? null : base64(JSON.stringify(holder)),
  };
  const secret = await (over === undefined
    ? create(client, record, data, signal)
    : patch(client, record, { data, resourceVersion: over.resourceVersion, signal }));
  const unused = over?.parts.filter((part) => !parts.includes(part)) ?? [];
  await removeParts(client, record, unused, signal);
  const { resourceVersion, creationTimestamp } = secret.metadata;
  return { record, holder, resourceVersion, parts, createdAt: creationTimestamp };
}

/** Moves the expiry of the holder, leaving the record as it is. */
export async function writeHolder(
  client: KubeClient,
  stored: StoredRecord,
  options: CallOptions & { readonly holder: Holder },
): Promise<StoredRecord> {
  const data = { [recordKeys.holder]: base64(JSON.stringify(options.holder)) };
  const { resourceVersion } = stored;
  const secret = await patch(client, stored.record, {
    data,
    resourceVersion,
    signal: options.signal,
  });
  return { ...stored, holder: options.holder, resourceVersion: secret.metadata.resourceVersion };
}

/** Removes a record with all its parts. */
export async function removeRecord(
  client: KubeClient,
  stored: StoredRecord,
  options: CallOptions = {},
): Promise<void> {
  const { name, namespace } = stored.record;
  const ref = { apiVersion: "v1", kind: "Secret", namespace, name: recordName(name) };
  await deleteObject(client, secrets, ref, options);
  const left = await listObjects(client, secrets, {
    ...options,
    namespace,
    labelSelector: `${recordLabel}=part,app.kubernetes.io/name=${name}`,
  });
  const parts = left.map(({ metadata }) => metadata.name);
  await removeParts(client, stored.record, parts, options.signal);
}

async function create(
  client: KubeClient,
  record: InstanceRecord,
  data: Readonly<Record<string, string | null>>,
  signal: AbortSignal | undefined,
): Promise<SecretView> {
  const { name, namespace, bundle } = record;
  const kept = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
  const metadata = {
    name: recordName(name),
    namespace,
    labels: recordLabels(name, "instance", bundle),
  };
  const response = await client.request({
    method: "POST",
    path: resourcePath(secrets, namespace),
    query: { fieldManager },
    body: JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      type: recordType,
      data: kept,
    }),
    action: `write the record of instance ${name}`,
    // A repeat of a write that did arrive is refused, and the caller looks whose it was.
    idempotent: true,
    signal,
  });
  return JSON.parse(response.text) as SecretView;
}

async function patch(
  client: KubeClient,
  record: InstanceRecord,
  change: {
    readonly data: Readonly<Record<string, string | null>>;
    readonly resourceVersion: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<SecretView> {
  const { name, namespace, bundle } = record;
  const labels = {
    ...recordLabels(name, "instance", bundle),
    ...(bundle === undefined ? noBundle : {}),
  };
  const { resourceVersion } = change;
  const response = await client.request({
    method: "PATCH",
    path: resourcePath(secrets, namespace, recordName(name)),
    query: { fieldManager },
    contentType: "application/merge-patch+json",
    body: JSON.stringify({ metadata: { resourceVersion, labels }, data: change.data }),
    action: `write the record of instance ${name}`,
    // A repeat of a write that did arrive is refused, and the caller looks whose it was.
    idempotent: true,
    signal: change.signal,
  });
  return JSON.parse(response.text) as SecretView;
}

const noBundle = { [bundleLabel]: null };
