import { formatRef, groupOf, identityOf } from "@tenon/core";
import {
  type DesiredInstance,
  type HealthChecks,
  type InstanceStatus,
  type KubeClient,
  instanceStatus,
} from "@tenon/kube";

import { DeployError } from "../errors.ts";

/** An instance that has to stay ready. */
export interface SoakTarget {
  readonly client: KubeClient;
  readonly cluster: string;
  readonly desired: DesiredInstance;
  readonly healthChecks?: HealthChecks | undefined;
}

/** How long, and for how long at most, a wave is looked at. */
export interface SoakOptions {
  readonly wave: string;
  readonly soakMs: number;
  /** How long it may take to become ready again. */
  readonly timeoutMs: number;
  /** Called when it is ready, with the time that it still has to stay so. */
  readonly onReady?: ((restMs: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How often the instances are looked at. */
const interval = 2000;

/**
 * Waits until all instances of a wave have been ready without a break for its soak time, counted
 * from their last apply, so that a run that goes on after an interruption soaks no longer than it
 * has to.
 *
 * @throws DeployError `DEPLOY_WAVE_NOT_READY` at once when an object has failed, else after the time
 */
export async function soak(targets: readonly SoakTarget[], options: SoakOptions): Promise<void> {
  const { soakMs, timeoutMs, signal } = options;
  const clock = targets[0]?.client.clock;
  if (clock === undefined) return;
  const deadline = clock.now() + timeoutMs + soakMs;
  let since: number | undefined;
  for (let first = true; ; first = false) {
    const found = await Promise.all(targets.map((target) => look(target, signal)));
    const now = clock.now();
    const unready = found.flatMap(({ unready: lines }) => lines);
    if (found.some(({ failed }) => failed)) throw notReady(options.wave, unready);
    if (unready.length > 0) since = undefined;
    else since ??= first ? now - Math.min(...found.map(({ settledMs }) => settledMs)) : now;
    if (since !== undefined && now - since >= soakMs) return;
    if (now >= deadline) throw notReady(options.wave, unready);
    const rest = since === undefined ? interval : soakMs - (now - since);
    if (since === now || (first && since !== undefined)) options.onReady?.(rest);
    await clock.sleep(Math.max(1, Math.min(interval, rest)), signal);
  }
}

interface Look {
  /** The objects that are not ready, each with why. */
  readonly unready: readonly string[];
  readonly failed: boolean;
  /** How long ago it was applied. */
  readonly settledMs: number;
}

async function look(target: SoakTarget, signal: AbortSignal | undefined): Promise<Look> {
  const { client, cluster, desired, healthChecks } = target;
  const { name, namespace } = desired;
  const status = await instanceStatus(client, name, namespace, { healthChecks, signal });
  const ignored = unwatched(desired);
  const objects = status.objects.filter(({ ref }) => !ignored.has(identityOf(ref)));
  const unready = objects.filter((object) => object.status !== "Current");
  const texts = unready.map(
    (object) => `${formatRef(object.ref)} ${object.status}: ${object.message}`,
  );
  const where = `${name} on ${cluster}`;
  const { state } = status.instance;
  return {
    unready: [
      ...(state === "applied" ? [] : [`${where}: it is ${state}`]),
      ...texts.map((text) => `${where}: ${text}`),
    ],
    failed: unready.some((object) => object.status === "Failed"),
    settledMs: settledFor(status, client.now()),
  };
}

function settledFor({ instance }: InstanceStatus, now: number): number {
  if (instance.lastApplied === undefined) return 0;
  // The record counts whole seconds.
  return Math.max(0, now - Date.parse(instance.lastApplied) - 1000);
}

/** Objects that an apply does not wait for either, or that vanish when they are done. */
function unwatched({ sets, namespace }: DesiredInstance): Set<string> {
  const ignored = sets
    .flatMap(({ objects }) => objects.map(({ view }) => view))
    .filter(({ apiVersion, kind, metadata: { annotations, labels }, ...rest }) => {
      const actions = [annotations, labels].map((map) => map?.["action.timoni.sh/wait"]);
      if (actions.some((action) => action?.toLowerCase() === "disabled")) return true;
      const spec = rest["spec"] as { ttlSecondsAfterFinished?: number } | undefined;
      const isJob = groupOf(apiVersion) === "batch" && kind === "Job";
      return isJob && spec?.ttlSecondsAfterFinished !== undefined;
    });
  return new Set(
    ignored.flatMap(({ apiVersion, kind, metadata: { name, namespace: own = namespace } }) => [
      identityOf({ apiVersion, kind, name, namespace: own }),
      identityOf({ apiVersion, kind, name }),
    ]),
  );
}

function notReady(wave: string, unready: readonly string[]): DeployError {
  const reason =
    unready.length === 0 ? "it did not stay ready for long enough" : unready.join("; ");
  return new DeployError("DEPLOY_WAVE_NOT_READY", `Cannot go on after wave ${wave}: ${reason}`, {
    hint: "Mend what is not ready, and apply the bundle again: it goes on from there",
    diagnostics: unready.map((text) => ({ text, positions: [] })),
  });
}
