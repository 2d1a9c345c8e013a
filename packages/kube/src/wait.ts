import { type KubeObjectView, type ObjectRef, groupOf, messageOf } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import type { OnEvent } from "./events.ts";
import { failedPods } from "./evidence/failed-pods.ts";
import { LostCauses } from "./evidence/lost-causes.ts";
import type { Mask } from "./evidence/mask.ts";
import { notReady } from "./not-ready.ts";
import type { ObjectStatus } from "./object-status.ts";
import { inApplyOrder } from "./order.ts";
import type { Located } from "./read-live.ts";
import { readinessOf } from "./status-of.ts";
import { Following } from "./watch/follow.ts";
import { Wake } from "./watch/wake.ts";

/** Tells the status of a live object from its JSON text. */
export type HealthCheck = (json: string) => ObjectStatus | Promise<ObjectStatus>;

/** Health checks by `group/Kind`, or by group for all its kinds. */
export type HealthChecks = ReadonlyMap<string, HealthCheck>;

/** An object to wait for, with what was last seen of it. */
export interface WaitTarget extends Located {
  readonly seen?: KubeObjectView | undefined;
}

/** How long and how to wait. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly healthChecks?: HealthChecks | undefined;
  readonly onEvent?: OnEvent | undefined;
  /** Takes each object as it was last read. */
  readonly onRead?: ((ref: ObjectRef, view: KubeObjectView) => void) | undefined;
  /** Hides secrets in what is told about objects. */
  readonly mask?: Mask | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Progress extends WaitTarget {
  status: ObjectStatus;
  view: KubeObjectView | undefined;
  /** It was seen, and is not there any more. */
  missing?: boolean;
  /** What the status was made of. */
  assessed?: {
    readonly view: KubeObjectView | undefined;
    readonly missing: boolean | undefined;
    readonly at: number;
  };
}

/** Some things do not show in the object itself: how long a pod has waited, or that pods are lost. */
const secondLook = 2000;

/**
 * Waits until every object is current. What was seen already counts: objects that are current as
 * the server last answered cost no call; the others are watched.
 *
 * @throws KubeError `KUBE_NOT_READY` at once when an object has failed, else after the time
 */
export async function waitForReady(
  client: KubeClient,
  targets: readonly WaitTarget[],
  options: WaitOptions,
): Promise<void> {
  const deadline = client.clock.now() + options.timeoutMs;
  const unknown: ObjectStatus = { status: "Unknown", message: "not read yet" };
  let open: Progress[] = inApplyOrder(targets, ({ ref }) => ref).map((target) => ({
    ...target,
    status: unknown,
    view: target.seen,
  }));
  const lost = new LostCauses<Progress>(client, options.signal);
  open = await stillOpen(client, open, { ...options, lost });
  if (open.length === 0) return;
  announce(open, options);
  const wake = new Wake();
  using following = new Following(client, open, () => wake.ring());
  while (open.length > 0) {
    const rest = deadline - client.clock.now();
    if (rest <= 0) throw await notReady(client, open, { ...options, why: "timeout" });
    await wake.sleep(client.clock, Math.min(secondLook, rest), options.signal);
    if (following.error !== undefined) throw following.error;
    for (const target of open) takeLatest(target, following, options);
    open = await stillOpen(client, open, { ...options, lost });
  }
}

/** The objects that are not current, after a look at all of them. */
async function stillOpen(
  client: KubeClient,
  open: readonly Progress[],
  options: WaitOptions & { readonly lost: LostCauses<Progress> },
): Promise<Progress[]> {
  await assess(client, open, options);
  for (const [target, status] of await options.lost.judge(open)) {
    target.status = status;
    options.onEvent?.({ type: "status", ref: target.ref, status });
  }
  if (open.some(({ status }) => status.status === "Failed")) {
    const unready = open.filter(({ status }) => status.status !== "Current");
    throw await notReady(client, unready, { ...options, why: "failed" });
  }
  return open.filter(({ status }) => status.status !== "Current");
}

function takeLatest(target: Progress, following: Following, options: WaitOptions): void {
  const before = target.view;
  const { known, view } = following.latest(target, before);
  if (!known) return;
  target.missing = view === undefined;
  if (view !== undefined) {
    target.view = view;
    options.onRead?.(target.ref, view);
  } else if (isFinishedJob(before)) {
    target.status = expired;
  }
}

/** The status of a live object by its health check, else by the rules for its kind. */
export async function liveStatus(
  view: KubeObjectView,
  now: number,
  healthChecks: HealthChecks | undefined,
): Promise<ObjectStatus> {
  const group = groupOf(view.apiVersion);
  const check = healthChecks?.get(`${group}/${view.kind}`) ?? healthChecks?.get(group);
  if (check === undefined || view.metadata["deletionTimestamp"] !== undefined) {
    return readinessOf(view, now);
  }
  try {
    return await check(JSON.stringify(view));
  } catch (error) {
    return { status: "Unknown", message: `its health check failed: ${messageOf(error)}` };
  }
}

const expired: ObjectStatus = { status: "Current", message: "Job finished and was cleaned up" };

/** A Job with a time to live vanishes when it is done; that it was seen is all there is to see. */
function isFinishedJob(view: KubeObjectView | undefined): boolean {
  const spec = view?.["spec"] as { ttlSecondsAfterFinished?: number } | undefined;
  return view?.kind === "Job" && spec?.ttlSecondsAfterFinished !== undefined;
}

async function assess(
  client: KubeClient,
  open: readonly Progress[],
  options: WaitOptions,
): Promise<void> {
  const now = client.clock.now();
  for (const target of open) {
    if (target.status === expired || !isDue(target, now)) continue;
    target.assessed = { view: target.view, missing: target.missing, at: now };
    const before = target.status;
    target.status =
      target.view === undefined || target.missing
        ? { status: "NotFound", message: "it does not exist" }
        : await withPods(client, target.view, options);
    const changed =
      before.status !== target.status.status || before.message !== target.status.message;
    const unread = target.view === undefined && before.status === "Unknown";
    if (changed && !unread)
      options.onEvent?.({ type: "status", ref: target.ref, status: target.status });
  }
}

/** Objects are looked at again when they have changed, and once in a while. */
function isDue({ assessed, view, missing }: Progress, now: number): boolean {
  if (assessed === undefined || assessed.view !== view || assessed.missing !== missing) return true;
  return now - assessed.at >= secondLook;
}

/** A StatefulSet or ReplicaSet whose pod is lost will not get ready by waiting. */
async function withPods(
  client: KubeClient,
  view: KubeObjectView,
  options: WaitOptions,
): Promise<ObjectStatus> {
  const status = await liveStatus(view, client.now(), options.healthChecks);
  const replicated = view.kind === "StatefulSet" || view.kind === "ReplicaSet";
  if (status.status !== "InProgress" || !replicated) return status;
  const lost = await failedPods(client, view, { signal: options.signal });
  return lost.length === 0 ? status : { status: "Failed", message: lost.join("; ") };
}

function announce(open: readonly Progress[], options: WaitOptions): void {
  const refs = open.map(({ ref }) => ref);
  options.onEvent?.({ type: "waiting", what: "ready", refs, timeoutMs: options.timeoutMs });
}
