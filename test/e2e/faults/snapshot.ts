import type { ApiObject } from "./api.ts";
import type { Lab } from "./lab.ts";
import { clusterKinds, kindsOf, pathOf } from "./places.ts";
import { recordTextOf } from "./records.ts";

/** Objects by kind and name. */
export type Snapshot = Readonly<Record<string, ApiObject>>;

/** What the namespace holds, and what its instances have in the whole cluster. */
export async function snapshotOf(lab: Lab): Promise<Snapshot> {
  const lists = await Promise.all(
    kindsOf(lab).map(async (kind) => {
      const owned = `?labelSelector=tenon.dev/instance-namespace=${lab.namespace}`;
      const items = await lab.api.list(pathOf(lab, kind) + (clusterKinds.has(kind) ? owned : ""));
      return items.map((item): [string, ApiObject] => [`${kind}/${item.metadata.name}`, item]);
    }),
  );
  return Object.fromEntries(lists.flat().filter(([id]) => id !== "ConfigMap/kube-root-ca.crt"));
}

/** Objects of others. */
export function foreignOf(snapshot: Snapshot): Snapshot {
  return Object.fromEntries(Object.entries(snapshot).filter(([id]) => isForeign(id)));
}

/** What tenon has made, in a form that is the same for two namespaces in the same state. */
export function ownOf(snapshot: Snapshot, lab: Lab): Record<string, unknown> {
  const own = Object.entries(snapshot).filter(([id]) => !isForeign(id));
  const text = JSON.stringify(own.map(([id, object]) => [id, readable(object)]))
    .replaceAll(lab.word, "WORD")
    .replaceAll(Buffer.from(lab.word).toString("base64"), "V09SRA==")
    .replaceAll(lab.namespace, "NAMESPACE");
  return Object.fromEntries(JSON.parse(text, withoutIdentity) as [string, unknown][]);
}

/** Tells whether an object is one of those of others. */
export function isForeign(id: string): boolean {
  return id.includes("/foreign-");
}

/** A record as what it says, anything else as it is. */
function readable(object: ApiObject): object {
  const { status: _, ...rest } = object;
  const record = recordTextOf(object);
  if (record === undefined) return rest;
  return {
    ...rest,
    data: { ...(object["data"] as object), record: JSON.parse(record) as unknown },
  };
}

/** Names, addresses and times that are new each time, what is computed from them, and counts. */
const identity = new Set([
  "at",
  "clusterIP",
  "clusterIPs",
  "creationTimestamp",
  "deployment.kubernetes.io/revision",
  "encoding",
  "fingerprint",
  "generation",
  "resourceVersion",
  "revision",
  "since",
  "time",
  "uid",
]);

function withoutIdentity(key: string, value: unknown): unknown {
  if (identity.has(key) || key.startsWith("faults.example.com/")) return undefined;
  if (key === "applied" && typeof value === "string") return undefined;
  if (key === "annotations" && Object.keys(value as object).length === 0) return undefined;
  // What a Secret holds is kept as a digest that is another one for each object.
  if (key === "=" && /^[0-9a-f]{24}$/.test(String(value))) return "digest";
  if (key !== "managedFields") return value;
  return (value as { manager: string }[])
    .filter(({ manager }) => manager === "tenon" || manager === "kubectl")
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
