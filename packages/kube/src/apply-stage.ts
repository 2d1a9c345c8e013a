import { identityOf } from "@tenon/core";

import { mapBounded } from "./bounded.ts";
import type { Change } from "./change-set.ts";
import { deleteObject, serverSideApply } from "./client/objects.ts";
import { isTerminating, uidOf } from "./live-object.ts";
import { type Stage, groupByKind } from "./order.ts";
import type { PlannedObject } from "./plan-object.ts";
import { planStage } from "./plan-stage.ts";
import type { PreparedObject } from "./prepare.ts";
import { type ApplyOptions, type Run, defaultTimeout } from "./run.ts";
import { retryWhileUnserved, waitUntilServed } from "./serving.ts";
import type { Session } from "./session.ts";
import { waitForGone } from "./termination.ts";
import { waitForReady } from "./wait.ts";

/** Plans a stage and applies what differs. The lock is taken before the first change. */
export async function applyStage(
  run: Run,
  session: Session,
  stage: Stage<PreparedObject>,
): Promise<Change[]> {
  await waitUntilServed(run, stage.entries);
  let planned = await planStage(run, stage.entries);
  if (planned.some(isWrite)) {
    run.signal = await session.lock();
    const unverified = planned.filter((entry) => entry.unverified);
    if (unverified.length > 0) {
      run.awaitedNamespaces.clear();
      run.missingNamespaces.clear();
      const again = await planStage(
        run,
        unverified.map(({ object }) => object),
      );
      const byObject = new Map(again.map((entry) => [entry.object, entry]));
      planned = planned.map((entry) => byObject.get(entry.object) ?? entry);
    }
  }
  const { onEvent } = run.options;
  for (const group of groupByKind(planned, ({ object }) => object.ref)) {
    await mapBounded(group, (entry) => applyObject(run, entry), run.signal);
    for (const { change } of group) onEvent?.({ type: "change", change });
  }
  if (stage.blocking) await waitForStage(run, stage.entries);
  return planned.map(({ change }) => change);
}

function isWrite({ change }: PlannedObject): boolean {
  return change.action === "created" || change.action === "configured";
}

async function applyObject(run: Run, entry: PlannedObject): Promise<void> {
  if (entry.change.action === "unchanged" && entry.live !== undefined) {
    run.reached.set(identityOf(entry.object.ref), entry.live);
  }
  if (!isWrite(entry)) return;
  const { client, options, signal } = run;
  const { object } = entry;
  if (entry.change.recreated) await removeOld(run, entry);
  const answer = await retryWhileUnserved(run, object, () =>
    serverSideApply(client, object.resource, object, {
      dryRun: false,
      forceConflicts: entry.takesBack || (options.forceConflicts ?? false),
      signal,
    }),
  );
  run.live.set(identityOf(object.ref), answer.view);
  run.reached.set(identityOf(object.ref), answer.view);
}

async function removeOld(run: Run, { object, live }: PlannedObject): Promise<void> {
  const { client, signal } = run;
  const { ref, resource } = object;
  if (live !== undefined && !isTerminating(live)) {
    await deleteObject(client, resource, ref, { uid: uidOf(live), signal });
  }
  const timeoutMs = (run.options as ApplyOptions).timeoutMs ?? defaultTimeout;
  const target = { ref, resource, uid: live === undefined ? undefined : uidOf(live) };
  await waitForGone(client, [target], { timeoutMs, selector: run.selector, signal });
}

/** Definitions and classes must be usable before what needs them, even when nobody waits otherwise. */
async function waitForStage(run: Run, objects: readonly PreparedObject[]): Promise<void> {
  const { timeoutMs = defaultTimeout } = run.options as ApplyOptions;
  const targets = objects.map(({ ref, resource }) => ({
    ref,
    resource,
    seen: run.live.get(identityOf(ref)),
  }));
  const { signal } = run;
  await waitForReady(run.client, targets, {
    timeoutMs,
    signal,
    onEvent: run.options.onEvent,
    onRead: (ref, view) => run.live.set(identityOf(ref), view),
  });
}
