import { digestHex, sha256 } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import { deleteObject } from "./client/objects.ts";
import type { KubeRequest } from "./client/request.ts";
import { resourcePath } from "./client/resource-path.ts";
import { isKubeError } from "./errors.ts";
import { fieldManager, recordPartName } from "./identity.ts";
import type { RecordKind } from "./record-kind.ts";
import { secrets } from "./record-secret.ts";
import type { AnyRecord, EncodedRecord } from "./record.ts";

/** The API server takes Secrets of up to 1 MiB. */
const partSize = 700_000;

/** Writes what does not fit in one Secret; the names of the parts come back. */
export async function writeParts<R extends AnyRecord>(
  client: KubeClient,
  kind: RecordKind<R>,
  record: R,
  options: { readonly encoded: EncodedRecord; readonly signal: AbortSignal | undefined },
): Promise<string[]> {
  const { bytes } = options.encoded;
  if (bytes.length <= partSize) return [];
  const names: string[] = [];
  const { partType: type } = kind;
  for (let at = 0; at < bytes.length; at += partSize) {
    const chunk = bytes.subarray(at, at + partSize);
    const name = recordPartName(kind.secretName(record), digestHex(sha256(chunk)));
    names.push(name);
    const labels = kind.labels(record, kind.partRole);
    const metadata = { name, namespace: record.namespace, labels };
    const data = { chunk: Buffer.from(chunk).toString("base64") };
    const body = JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, type, data });
    const action = `write the record of ${kind.describe(record)}`;
    await createOnce(client, record.namespace, { body, action, signal: options.signal });
  }
  return names;
}

/** The name of a part holds its digest: one that exists is the same. */
async function createOnce(
  client: KubeClient,
  namespace: string,
  call: Pick<KubeRequest, "body" | "action" | "signal">,
): Promise<void> {
  try {
    await client.request({
      ...call,
      method: "POST",
      path: resourcePath(secrets, namespace),
      query: { fieldManager },
      idempotent: true,
    });
  } catch (error) {
    if (!isKubeError(error, "KUBE_ALREADY_EXISTS")) throw error;
  }
}

/** Removes parts that no record names any more. */
export async function removeParts(
  client: KubeClient,
  namespace: string,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const name of names) {
    const ref = { apiVersion: "v1", kind: "Secret", namespace, name };
    await deleteObject(client, secrets, ref, { signal });
  }
}
