import { type KubeObjectView, type ObjectRef, identityOf } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import type { CallOptions } from "../client/objects.ts";
import { instanceNotFound } from "../delete-instance.ts";
import { fingerprintOf } from "../fingerprint.ts";
import { instanceLabel, instanceNamespaceLabel, ownerSelector } from "../identity.ts";
import { type InventoryEntry, plainRef } from "../inventory.ts";
import { isTerminating } from "../live-object.ts";
import { locateAll } from "../locate.ts";
import type { OwnedFields } from "../owned-fields.ts";
import { type Located, readLive } from "../read-live.ts";
import { instanceRecords } from "../record-store.ts";
import { type DriftedField, compareOwned } from "./compare-owned.ts";
import { type IgnoreRules, parseIgnoreRules } from "./ignore-rules.ts";

/** How an object differs from what was applied. */
export interface ObjectDrift {
  readonly ref: ObjectRef;
  /**
   * `changed`: fields differ; `missing`: it does not exist; `terminating`: it is being deleted;
   * `taken`: it carries the labels of another instance, or none.
   */
  readonly drift: "changed" | "missing" | "terminating" | "taken";
  readonly fields: readonly DriftedField[];
}

/** How an instance differs from what was applied. */
export interface InstanceDrift {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  /** How many objects were compared. */
  readonly compared: number;
  readonly objects: readonly ObjectDrift[];
  /** Objects of which the record does not hold what was applied. */
  readonly unknown: readonly ObjectRef[];
}

/** How to look for drift. */
export interface DriftOptions extends CallOptions {
  readonly ignore?: IgnoreRules | undefined;
}

/**
 * Tells what differs from what was applied, field by field, and who changed it. Nothing is written;
 * objects that nobody has touched cost one list of metadata for each kind.
 *
 * @throws KubeError `KUBE_INSTANCE_NOT_FOUND` `KUBE_INVALID` for ignore rules
 */
export async function driftOfInstance(
  client: KubeClient,
  name: string,
  namespace: string,
  options: DriftOptions = {},
): Promise<InstanceDrift> {
  const { signal } = options;
  const counts = parseIgnoreRules(options.ignore);
  const stored = await instanceRecords.read(client, { name, namespace }, { signal });
  if (stored === undefined) throw instanceNotFound(name, namespace);
  const { revision, applied } = stored.record;
  const entries = applied?.inventory ?? [];
  const live = await readTouched(client, entries, { name, namespace, signal });
  const objects: ObjectDrift[] = [];
  const unknown: ObjectRef[] = [];
  for (const entry of entries) {
    const ref = plainRef(entry);
    const view = live.get(identityOf(ref));
    if (view === "untouched") continue;
    const owner = view?.metadata.labels;
    const own = owner?.[instanceLabel] === name && owner[instanceNamespaceLabel] === namespace;
    if (view === undefined) objects.push({ ref, drift: "missing", fields: [] });
    else if (isTerminating(view)) objects.push({ ref, drift: "terminating", fields: [] });
    else if (entry.state === undefined && own) unknown.push(ref);
    else {
      const all = compareOwned((entry.state ?? {}) as OwnedFields, view);
      const fields = all.filter((field) => counts(ref, field));
      const drift = own ? "changed" : "taken";
      if (fields.length > 0 || !own) objects.push({ ref, drift, fields });
    }
  }
  return { name, namespace, revision, compared: entries.length, objects, unknown };
}

/** Reads what somebody has touched; of the others their metadata tells that nobody has. */
async function readTouched(
  client: KubeClient,
  entries: readonly InventoryEntry[],
  from: { readonly name: string; readonly namespace: string } & CallOptions,
): Promise<Map<string, KubeObjectView | "untouched">> {
  const { signal } = from;
  const selector = ownerSelector(from.name, from.namespace);
  const prints = new Map(entries.map((entry) => [identityOf(entry), entry.fingerprint]));
  const located = (await locateAll(client, entries.map(plainRef), { signal })).flatMap(
    ({ ref, resource }): Located[] =>
      resource === undefined ? [] : [{ ref, resource, metadataOnly: true }],
  );
  const metadata = await readLive(client, located, { selector, signal });
  const found = new Map<string, KubeObjectView | "untouched">();
  const touched: Located[] = [];
  for (const object of located) {
    const id = identityOf(object.ref);
    const view = metadata.get(id);
    if (view === undefined) continue;
    const print = prints.get(id);
    if (print !== undefined && print === fingerprintOf(view)) found.set(id, "untouched");
    else touched.push({ ...object, metadataOnly: false });
  }
  for (const [id, view] of await readLive(client, touched, { selector, signal })) {
    found.set(id, view);
  }
  return found;
}
