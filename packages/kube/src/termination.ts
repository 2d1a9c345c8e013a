import { type KubeObjectView, type ObjectRef, formatRef, identityOf } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import { KubeError } from "./errors.ts";
import type { OnEvent } from "./events.ts";
import { uidOf } from "./live-object.ts";
import { type Located, readLive } from "./read-live.ts";

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

const firstPause = 100;
const longestPause = 2000;

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
  let open = targets;
  for (let pause = firstPause; open.length > 0; pause = Math.min(longestPause, pause * 1.5)) {
    const live = await readLive(client, open, options);
    open = open.filter(({ ref, uid }) => {
      const view = live.get(identityOf(ref));
      return view !== undefined && (uid === undefined || uidOf(view) === uid);
    });
    if (open.length === 0) return;
    if (pause === firstPause) {
      const refs = open.map(({ ref }) => ref);
      options.onEvent?.({ type: "waiting", what: "gone", refs, timeoutMs: options.timeoutMs });
    }
    const rest = deadline - client.clock.now();
    if (rest <= 0) throw timeoutError(open, live, options.timeoutMs);
    await client.clock.sleep(Math.min(pause, rest), options.signal);
  }
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
