import type { KubeClient } from "../client/kube-client.ts";
import { type CallOptions, getObject } from "../client/objects.ts";
import { KubeError } from "../errors.ts";
import { type SecretView, secrets } from "../record-secret.ts";
import { instanceRecords } from "../record-store.ts";
import type { InstanceRecord } from "../record.ts";

/** Reads the Secret of a record, whatever is in it. */
export async function readBareSecret(
  client: KubeClient,
  key: { readonly namespace: string; readonly secret: string },
  options: CallOptions,
): Promise<SecretView> {
  const { namespace, secret: name } = key;
  const ref = { apiVersion: "v1", kind: "Secret", namespace, name };
  const secret = (await getObject(client, secrets, ref, options)) as SecretView | undefined;
  if (secret !== undefined) return secret;
  throw new KubeError("KUBE_STALE", `Cannot repair Secret/${namespace}/${name}: it has just gone`, {
    hint: "Run the same command again",
  });
}

/** Writes a record in place of one that cannot be read. */
export async function replaceRecord(
  client: KubeClient,
  record: InstanceRecord,
  options: CallOptions & { readonly secret: SecretView },
): Promise<void> {
  const { secret, signal } = options;
  const { resourceVersion } = secret.metadata;
  const over = { record, resourceVersion, parts: [] };
  await instanceRecords.write(client, record, { over, holder: undefined, signal });
}
