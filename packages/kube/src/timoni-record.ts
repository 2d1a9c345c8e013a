import type { KubeClient } from "./client/kube-client.ts";
import { type CallOptions, getObject } from "./client/objects.ts";
import { KubeError } from "./errors.ts";
import { timoniRecordName, timoniRecordType } from "./identity.ts";
import { type SecretView, secrets } from "./record-secret.ts";

/**
 * Rejects an instance that Timoni manages.
 *
 * @throws KubeError `KUBE_MANAGED_BY_TIMONI`
 */
export async function rejectTimoniRecord(
  client: KubeClient,
  name: string,
  namespace: string,
  options: CallOptions = {},
): Promise<void> {
  const ref = { apiVersion: "v1", kind: "Secret", namespace, name: timoniRecordName(name) };
  const secret = (await getObject(client, secrets, ref, options)) as SecretView | undefined;
  if (secret?.type !== timoniRecordType) return;
  throw new KubeError(
    "KUBE_MANAGED_BY_TIMONI",
    `Cannot apply instance ${name} in ${namespace}: Timoni manages it (Secret ${ref.name})`,
    { hint: `tenon adopt ${name} MODULE -n ${namespace} --from timoni` },
  );
}
