import { type ObjectRef, identityOf } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { getObject } from "../client/objects.ts";
import { timoniRecordName, timoniRecordType } from "../identity.ts";
import { type SecretView, secrets } from "../record-secret.ts";
import { invalidRecord } from "../record.ts";
import type { Foreign, ForeignRequest } from "./foreign.ts";
import { type ForeignEntry, parseEntry } from "./inventory-id.ts";

/**
 * Reads an instance of Timoni: what it has, and what an upgrade that did not end was about to make.
 *
 * @throws KubeError `KUBE_RECORD_INVALID`
 */
export async function readTimoniInstance(
  client: KubeClient,
  { name, namespace, signal }: ForeignRequest,
): Promise<Foreign | undefined> {
  const ref = { apiVersion: "v1", kind: "Secret", namespace, name: timoniRecordName(name) };
  const secret = (await getObject(client, secrets, ref, { signal })) as SecretView | undefined;
  if (secret === undefined) return undefined;
  const known = secret.type === timoniRecordType || secret.data?.["instance"] !== undefined;
  if (!known) return undefined;
  const refs = ["instance", "pending"].flatMap((key) => entriesIn(secret, key, ref));
  const inventory = new Map(refs.map((entry) => [identityOf(entry), entry]));
  return {
    tool: "timoni",
    title: `Timoni instance ${name} in ${namespace}`,
    claim: `${namespace}/${name}`,
    inventory: [...inventory.values()],
    records: [ref],
    notes: [],
  };
}

function entriesIn(secret: SecretView, key: string, { namespace, name }: ObjectRef): ObjectRef[] {
  const data = secret.data?.[key];
  if (data === undefined) return [];
  const where = `secret/${name} -n ${namespace}`;
  try {
    const record = JSON.parse(Buffer.from(data, "base64").toString("utf8")) as TimoniRecord;
    return (record.inventory?.entries ?? []).flatMap((entry) => parseEntry(entry) ?? []);
  } catch (cause) {
    throw invalidRecord(where, `its ${key} is damaged`, cause);
  }
}

interface TimoniRecord {
  readonly inventory?: { readonly entries?: readonly ForeignEntry[] };
}
