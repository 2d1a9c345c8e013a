import { type KubeObjectView, identityOf } from "@tenon/core";

import { mapSettled } from "./bounded.ts";
import type { Change } from "./change-set.ts";
import type { KubeClient } from "./client/kube-client.ts";
import { deleteObject } from "./client/objects.ts";
import type { OnEvent } from "./events.ts";
import { instanceLabel, instanceNamespaceLabel, ownerSelector } from "./identity.ts";
import { type InventoryEntry, plainRef } from "./inventory.ts";
import { uidOf } from "./live-object.ts";
import { locateAll } from "./locate.ts";
import { groupByKind, inApplyOrder } from "./order.ts";
import { combine } from "./plan-stage.ts";
import { hasAction } from "./prepare.ts";
import { readLive } from "./read-live.ts";
import { type GoneTarget, waitForGone } from "./termination.ts";

/** The instance whose objects are to go. */
export interface Owner {
  readonly name: string;
  readonly namespace: string;
}

/** What is to become of one object that an instance no longer wants. */
export interface PlannedDeletion {
  readonly change: Change;
  /** Absent when the object is gone already, or its kind is. */
  readonly target?: GoneTarget | undefined;
}

/** Finds out what deleting objects would do, in the order in which they would go. */
export async function planDeletions(
  client: KubeClient,
  owner: Owner,
  entries: readonly InventoryEntry[],
  options: {
    readonly signal?: AbortSignal | undefined;
    /** The namespace that the instance stays in; deleting it would take everything along. */
    readonly home?: string | undefined;
  } = {},
): Promise<PlannedDeletion[]> {
  const reversed = inApplyOrder(entries, (entry) => entry).reverse();
  const located = await locateAll(client, reversed.map(plainRef), { signal: options.signal });
  const known = located.flatMap(({ ref, resource }) =>
    resource === undefined ? [] : [{ ref, resource }],
  );
  const selector = ownerSelector(owner.name, owner.namespace);
  const live = await readLive(client, known, { selector, signal: options.signal });
  return located.map(({ ref, resource }) => {
    const view = live.get(identityOf(ref));
    const kept = view === undefined ? undefined : reasonToKeep(view, owner, options.home);
    if (view === undefined || resource === undefined) {
      return { change: { ref, action: "deleted", reason: "already gone", fields: [] } };
    }
    if (kept !== undefined) return { change: { ref, action: "skipped", reason: kept, fields: [] } };
    const change: Change = { ref, action: "deleted", fields: [] };
    return { change, target: { ref, resource, uid: uidOf(view) } };
  });
}

/** How deletions are carried out. */
export interface DeleteObjectsOptions {
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Deletes what was planned, kind after kind. One object that cannot be deleted does not keep the
 * others; all failures are reported together.
 *
 * @throws KubeError
 */
export async function deletePlanned(
  client: KubeClient,
  owner: Owner,
  planned: readonly PlannedDeletion[],
  options: DeleteObjectsOptions,
): Promise<void> {
  const { signal, onEvent, timeoutMs } = options;
  const errors: unknown[] = [];
  for (const group of groupByKind(planned, ({ change }) => change.ref)) {
    const results = await mapSettled(
      group,
      ({ target }) => request(client, target, signal),
      signal,
    );
    results.forEach((result, index) => {
      if ("error" in result) errors.push(result.error);
      else onEvent?.({ type: "change", change: group[index]!.change });
    });
  }
  if (errors.length > 0) throw combine(errors);
  if (!options.wait) return;
  const selector = ownerSelector(owner.name, owner.namespace);
  const targets = planned.flatMap(({ target }) => (target === undefined ? [] : [target]));
  await waitForGone(client, targets, { timeoutMs, selector, onEvent, signal });
}

async function request(
  client: KubeClient,
  target: GoneTarget | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (target === undefined) return;
  await deleteObject(client, target.resource, target.ref, { uid: target.uid, signal });
}

function reasonToKeep(
  view: KubeObjectView,
  owner: Owner,
  home: string | undefined,
): string | undefined {
  if (view.kind === "Namespace" && view.metadata.name === home) return "holds the instance";
  const { labels } = view.metadata;
  const owned =
    labels?.[instanceLabel] === owner.name && labels[instanceNamespaceLabel] === owner.namespace;
  if (!owned) return "owned by another";
  return hasAction(view, "prune", "disabled") ? "prune disabled" : undefined;
}
