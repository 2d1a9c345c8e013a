import { type KubeObjectView, type ObjectRef, formatRef, identityOf } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import { KubeError } from "./errors.ts";
import type { OnEvent } from "./events.ts";
import { instanceLabel } from "./identity.ts";
import { uidOf } from "./live-object.ts";
import { type Located, readLive } from "./read-live.ts";
import { Following } from "./watch/follow.ts";
import { Wake } from "./watch/wake.ts";

/** An object that was asked to go. */
export interface GoneTarget extends Located {
  /** An object of the same name with another uid is not the one that was asked to go. */
  readonly uid?: string | undefined;
}

/** How long to wait for objects to go. */
export interface GoneOptions {
  readonly timeoutMs: number;
  readonly selector: string;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Finalizers and pods may keep an object for long; the watch tells when it is gone. */
const longestSleep = 30_000;

/**
 * Waits until objects are gone.
 *
 * @throws KubeError `KUBE_TIMEOUT` with the finalizers that hold them
 */
export async function waitForGone(
  client: KubeClient,
  targets: readonly GoneTarget[],
  options: GoneOptions,
): Promise<void> {
  const deadline = client.clock.now() + options.timeoutMs;
  const live = await readLive(client, targets, options);
  let open = targets.flatMap((target) => {
    const view = live.get(identityOf(target.ref));
    const unlabelled = view?.metadata.labels?.[instanceLabel] === undefined;
    return isThere(target, view) ? [{ ...target, unlabelled }] : [];
  });
  if (open.length === 0) return;
  const refs = open.map(({ ref }) => ref);
  options.onEvent?.({ type: "waiting", what: "gone", refs, timeoutMs: options.timeoutMs });
  const wake = new Wake();
  using following = new Following(client, open, () => wake.ring());
  while (open.length > 0) {
    const rest = deadline - client.clock.now();
    if (rest <= 0) throw timeoutError(open, live, options.timeoutMs);
    await wake.sleep(client.clock, Math.min(rest, longestSleep), options.signal);
    if (following.error !== undefined) throw following.error;
    open = open.filter((target) => isStillThere(target, following, live));
  }
}

function isStillThere(
  target: GoneTarget,
  following: Following,
  live: Map<string, KubeObjectView>,
): boolean {
  const id = identityOf(target.ref);
  const { known, view } = following.latest(target, live.get(id));
  if (!known) return true;
  if (view !== undefined) live.set(id, view);
  return isThere(target, view);
}

function isThere({ uid }: GoneTarget, view: KubeObjectView | undefined): boolean {
  return view !== undefined && (uid === undefined || uidOf(view) === uid);
}

function timeoutError(
  open: readonly GoneTarget[],
  live: ReadonlyMap<string, KubeObjectView>,
  timeoutMs: number,
): KubeError {
  const objects = open.map(({ ref }) => {
    const finalizers = live.get(identityOf(ref))?.metadata["finalizers"];
    return { ref, finalizers: (finalizers ?? []) as readonly string[] };
  });
  const lines = objects.map(({ ref, finalizers }) => {
    const held = finalizers.length === 0 ? "" : ` (held by finalizer ${finalizers.join(", ")})`;
    return `${formatRef(ref)}${held}`;
  });
  return new KubeError(
    "KUBE_TIMEOUT",
    `Cannot delete within ${timeoutMs / 1000}s: ${lines.join("; ")}`,
    {
      hint: hintFor(objects[0]?.ref),
      diagnostics: lines.map((text) => ({ text, positions: [] })),
      details: { objects },
    },
  );
}

function hintFor(ref: ObjectRef | undefined): string | undefined {
  if (ref === undefined) return undefined;
  const namespace = ref.namespace === undefined ? "" : ` -n ${ref.namespace}`;
  return `kubectl get ${ref.kind.toLowerCase()} ${ref.name}${namespace} -o yaml, then run the same command again`;
}
