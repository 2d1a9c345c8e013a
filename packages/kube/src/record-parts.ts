import { digestHex, sha256 } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import { deleteObject } from "./client/objects.ts";
import { resourcePath } from "./client/resource-path.ts";
import { isKubeError } from "./errors.ts";
import { fieldManager, recordLabels, recordPartName, recordPartType } from "./identity.ts";
import { secrets } from "./record-secret.ts";
import type { EncodedRecord, InstanceRecord } from "./record.ts";

/** The API server takes Secrets of up to 1 MiB. */
const partSize = 700_000;

/** Writes what does not fit in one Secret; the names of the parts come back. */
export async function writeParts(
  client: KubeClient,
  record: InstanceRecord,
  encoded: EncodedRecord,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (encoded.bytes.length <= partSize) return [];
  const names: string[] = [];
  for (let at = 0; at < encoded.bytes.length; at += partSize) {
    const chunk = encoded.bytes.subarray(at, at + partSize);
    const name = recordPartName(record.name, digestHex(sha256(chunk)));
    names.push(name);
    await writePart(client, record, { name, chunk, signal });
  }
  return names;
}

async function writePart(
  client: KubeClient,
  record: InstanceRecord,
  part: {
    readonly name: string;
    readonly chunk: Uint8Array;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const labels = recordLabels(record.name, "part", record.bundle);
  const metadata = { name: part.name, namespace: record.namespace, labels };
  const data = { chunk: Buffer.from(part.chunk).toString("base64") };
  try {
    await client.request({
      method: "POST",
      path: resourcePath(secrets, record.namespace),
      query: { fieldManager },
      body: JSON.stringify({
        apiVersion: "v1",
        kind: "Secret",
        metadata,
        type: recordPartType,
        data,
      }),
      action: `write the record of instance ${record.name}`,
      signal: part.signal,
    });
  } catch (error) {
    // The name holds the digest: what exists is the same.
    if (!isKubeError(error, "KUBE_ALREADY_EXISTS")) throw error;
  }
}

/** Removes parts that no record names any more. */
export async function removeParts(
  client: KubeClient,
  record: InstanceRecord,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const name of names) {
    const ref = { apiVersion: "v1", kind: "Secret", namespace: record.namespace, name };
    await deleteObject(client, secrets, ref, { signal });
  }
}
