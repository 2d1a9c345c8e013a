import { type KubeObjectView, type ObjectRef, identityOf } from "@tenon/core";

import { applyStage } from "./apply-stage.ts";
import type { Change, ChangeSet } from "./change-set.ts";
import type { KubeClient } from "./client/kube-client.ts";
import type { DesiredInstance } from "./desired.ts";
import { KubeError, isKubeError } from "./errors.ts";
import { maskFor } from "./evidence/mask.ts";
import { fingerprintEntry, metadataSuffices } from "./fingerprint.ts";
import { type InventoryEntry, inventoryOf, staleEntries } from "./inventory.ts";
import { stagesOf } from "./order.ts";
import { isAsApplied } from "./plan-object.ts";
import { combine, planStage } from "./plan-stage.ts";
import { checkInstance } from "./plan.ts";
import { type PreparedObject, type PreparedSet, hasAction, prepareSets } from "./prepare.ts";
import { deletePlanned, planDeletions } from "./prune.ts";
import type { StoredRecord } from "./record-secret.ts";
import { instanceRecords } from "./record-store.ts";
import { type ApplyOptions, type Run, defaultTimeout, previewOf, startRun } from "./run.ts";
import { RecordChanged, Session } from "./session.ts";
import { waitForReady } from "./wait.ts";

const attempts = 3;

/**
 * Makes a cluster hold an instance as it is desired, with the smallest change: sets one after
 * another, each with a dry run of a whole stage before its first write, waits until it is ready,
 * and deletes what has left the instance. What changes nothing writes nothing.
 *
 * @throws KubeError `KUBE_CONFLICT` `KUBE_OWNED_BY_OTHER` `KUBE_RECORD_LOCKED` `KUBE_NOT_READY`
 * `KUBE_IMMUTABLE` `KUBE_INVALID` `KUBE_REJECTED` `KUBE_FORBIDDEN` and what every call may throw
 *
 * @example
 * const changeSet = await applyInstance(client, desired, { timeoutMs: 120_000 });
 */
export async function applyInstance(
  client: KubeClient,
  desired: DesiredInstance,
  options: ApplyOptions = {},
): Promise<ChangeSet> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyOnce(client, desired, options);
    } catch (error) {
      if (!(error instanceof RecordChanged)) throw error;
      if (attempt < attempts) continue;
      throw new KubeError(
        "KUBE_RECORD_LOCKED",
        `Cannot change instance ${desired.name} in ${desired.namespace}: another run keeps changing it`,
        { cause: error },
      );
    }
  }
}

async function applyOnce(
  client: KubeClient,
  desired: DesiredInstance,
  options: ApplyOptions,
): Promise<ChangeSet> {
  const { signal } = options;
  const stored = await storedRecord(client, desired, options);
  await checkInstance(client, desired, stored, options);
  const sets = await prepareSets(client, desired, { signal });
  const run = await startRun(client, desired, { mode: "apply", options, stored, sets });
  const inventory = inventoryOf(sets);
  const session = new Session(client, desired, { stored, inventory, options });
  const { recordChanges } = session;
  const { name: instance, namespace } = desired;
  const idle = recordChanges || !session.settled ? undefined : unchanged(run, sets);
  if (idle !== undefined) {
    for (const change of idle) options.onEvent?.({ type: "change", change });
    return { instance, namespace, createsNamespace: false, changes: idle, recordChanges };
  }
  await checkLaterStages(run, sets);
  try {
    const changes = await carryOut(run, session, sets, inventory);
    const { createdNamespace: createsNamespace } = session;
    return { instance, namespace, createsNamespace, changes, recordChanges };
  } catch (error) {
    await session.abandon(error);
    throw run.signal?.aborted && !signal?.aborted ? (run.signal.reason as Error) : error;
  }
}

/** The record, from what a run of many instances has read where there is such. */
async function storedRecord(
  client: KubeClient,
  desired: DesiredInstance,
  { reads, signal }: ApplyOptions,
): Promise<StoredRecord | undefined> {
  const shared = await reads?.record(desired, { signal });
  return shared === undefined ? instanceRecords.read(client, desired, { signal }) : shared.stored;
}

/** The changes of an instance of which every object is as it was applied; nothing when one is not. */
function unchanged(run: Run, sets: readonly PreparedSet[]): Change[] | undefined {
  const changes: Change[] = [];
  for (const object of sets.flatMap((set) => set.objects)) {
    const { ref, set } = object;
    const once = hasAction(object.view, "one-off", "enabled");
    const exists = run.metadata.has(identityOf(ref)) || run.live.has(identityOf(ref));
    if (once ? !exists : !isAsApplied(run, object)) return undefined;
    const change: Change = { set, ref, action: once ? "skipped" : "unchanged", fields: [] };
    changes.push(once ? { ...change, reason: "one-off" } : change);
  }
  return changes;
}

/**
 * Plans all that follows the first stage, so that what the server refuses there is known before the
 * first write. The first stage is planned when it is applied.
 */
async function checkLaterStages(run: Run, sets: readonly PreparedSet[]): Promise<void> {
  const stages = sets.flatMap((set) => stagesOf(set.objects, ({ ref }) => ref));
  const later = stages.slice(1);
  if (later.length === 0) return;
  const preview = previewOf(run, sets);
  const errors: unknown[] = [];
  for (const stage of later) {
    await planStage(preview, stage.entries).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw combine(errors);
}

async function carryOut(
  run: Run,
  session: Session,
  sets: readonly PreparedSet[],
  inventory: readonly InventoryEntry[],
): Promise<Change[]> {
  const changes: Change[] = [];
  let notReady: KubeError | undefined;
  for (const set of sets) {
    run.options.onEvent?.({ type: "set-started", set: set.name, objects: set.objects.length });
    for (const stage of stagesOf(set.objects, ({ ref }) => ref)) {
      changes.push(...(await applyStage(run, session, stage)));
    }
    notReady = await waitForSet(run, set);
    if (notReady !== undefined) break;
  }
  // What left the instance goes even when what is in it is not ready; a failed apply ends above.
  changes.push(...(await prune(run, session, { inventory, notReady })));
  if (notReady !== undefined) throw notReady;
  await session.finish(withFingerprints(run, sets, inventory));
  return changes;
}

/** Comes back with the error when objects are not ready, as one more step follows in that case. */
async function waitForSet(run: Run, set: PreparedSet): Promise<KubeError | undefined> {
  const {
    wait = true,
    timeoutMs = defaultTimeout,
    healthChecks,
    onEvent,
  } = run.options as ApplyOptions;
  if (!wait) return undefined;
  const targets = set.objects
    .filter(({ view }) => !hasAction(view, "wait", "disabled"))
    .map((object) => ({ ...object, seen: lastSeen(run, object) }));
  const { signal } = run;
  const onRead = (ref: ObjectRef, view: KubeObjectView): unknown =>
    run.live.set(identityOf(ref), view);
  const mask = maskFor(run.desired.sets);
  const options = { timeoutMs, healthChecks, onEvent, onRead, mask, signal };
  try {
    await waitForReady(run.client, targets, options);
  } catch (error) {
    if (isKubeError(error, "KUBE_NOT_READY")) return error;
    throw error;
  }
  onEvent?.({ type: "ready", set: set.name, objects: targets.length });
  return undefined;
}

/** What the run knows of an object; of kinds without a status the metadata tells all. */
function lastSeen(run: Run, object: PreparedObject): KubeObjectView | undefined {
  const id = identityOf(object.ref);
  return run.live.get(id) ?? (metadataSuffices(object) ? run.metadata.get(id) : undefined);
}

function withFingerprints(
  run: Run,
  sets: readonly PreparedSet[],
  inventory: readonly InventoryEntry[],
): InventoryEntry[] {
  const objects = new Map(
    sets.flatMap((set) => set.objects).map((object) => [identityOf(object.ref), object]),
  );
  return inventory.map((entry) => {
    const id = identityOf(entry);
    const [object, reached, latest] = [objects.get(id), run.reached.get(id), run.live.get(id)];
    if (object === undefined) return entry;
    if (reached === undefined) return isAsApplied(run, object) ? run.fingerprints.get(id)! : entry;
    return { ...entry, ...fingerprintEntry(object, reached, latest ?? reached) };
  });
}

async function prune(
  run: Run,
  session: Session,
  from: {
    readonly inventory: readonly InventoryEntry[];
    readonly notReady: KubeError | undefined;
  },
): Promise<Change[]> {
  const { client, desired } = run;
  const stale = staleEntries(run.stored?.record, from.inventory);
  if (stale.length === 0) return [];
  const { wait = true, timeoutMs = defaultTimeout, onEvent } = run.options as ApplyOptions;
  try {
    const planned = await planDeletions(client, desired, stale, {
      signal: run.signal,
      home: desired.namespace,
    });
    if (planned.some(({ target }) => target !== undefined)) run.signal = await session.lock();
    const options = { wait, timeoutMs, onEvent, signal: run.signal };
    await deletePlanned(client, desired, planned, options);
    return planned.map(({ change }) => change);
  } catch (error) {
    if (from.notReady === undefined || !isKubeError(error)) throw error;
    throw combine([from.notReady, error]);
  }
}
