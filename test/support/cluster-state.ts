import { kubectlGet } from "./shared-cluster.ts";

/**
 * What a namespace holds, and what an instance in it owns in the whole cluster, in a form that is
 * the same for two namespaces that were brought to the same state.
 */
export async function stateOf(namespace: string, kinds: string): Promise<Record<string, unknown>> {
  const owner = `tenon.dev/instance-namespace=${namespace}`;
  const objects = [
    ...(await kubectlGet("namespaces", "--field-selector", `metadata.name=${namespace}`)),
    ...(await kubectlGet("clusterroles", "-l", owner)),
    ...(await kubectlGet(kinds, "-n", namespace)),
  ].filter(({ metadata }) => metadata.name !== "kube-root-ca.crt");
  const entries = objects.map((object) => {
    const text = JSON.stringify(withReadableRecord(object)).replaceAll(namespace, "NAMESPACE");
    const neutral = JSON.parse(text, dropIdentity) as { kind: string; metadata: { name: string } };
    return [`${neutral.kind}/${neutral.metadata.name}`, neutral];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** Replaces the data of an instance record by what it says. */
function withReadableRecord(object: object): object {
  const { type, data } = object as { type?: string; data?: { record?: string } };
  if (type !== "tenon.dev/instance" || data?.record === undefined) return object;
  const record = JSON.parse(Buffer.from(data.record, "base64").toString("utf8")) as unknown;
  return { ...object, data: { ...data, record } };
}

/** Names, addresses and times that are new each time, and what is computed from them. */
const identity = new Set([
  "at",
  "clusterIP",
  "clusterIPs",
  "creationTimestamp",
  "fingerprint",
  "lastTransitionTime",
  "resourceVersion",
  "since",
  "state",
  "time",
  "uid",
  "volumeName",
]);

function dropIdentity(key: string, value: unknown): unknown {
  // In an inventory it is the digest of a text with the namespace in it, elsewhere a state.
  if (identity.has(key) || (key === "applied" && typeof value === "string")) return key;
  if (key === "managedFields") return (value as ManagedFields[]).filter(isOurs).toSorted(byText);
  return isOfVolumeController.test(key) ? undefined : value;
}

interface ManagedFields {
  readonly manager: string;
}

function isOurs({ manager }: ManagedFields): boolean {
  return manager === "tenon";
}

/** Annotations of claims: which of them there are depends on who is faster, binder or provisioner. */
export const isOfVolumeController = /^(pv|volume(\.beta)?)\.kubernetes\.io\//;

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
