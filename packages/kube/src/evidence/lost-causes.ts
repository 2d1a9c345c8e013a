import type { KubeObjectView } from "@tenon/core";

import { mapBounded } from "../bounded.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { isKubeError } from "../errors.ts";
import { type ObjectStatus, failed } from "../object-status.ts";
import { type Trouble, findTrouble } from "./trouble.ts";

/** An object that is waited for. */
export interface Awaited {
  readonly status: ObjectStatus;
  readonly view: KubeObjectView | undefined;
}

/** What comes up without trouble is not looked into. */
const firstLook = 5000;
/** How long a trouble has to last before it counts as one that will not go away. */
const graces: Readonly<Record<Trouble["kind"], number>> = {
  spec: 0,
  image: 30_000,
  config: 60_000,
  create: 60_000,
  crash: 0,
};
/** So often a container must have crashed while it was waited for. */
const mostRestarts = 4;

/**
 * Tells objects for which it is no use to wait any longer, although nothing has declared them to
 * have failed. What other objects may still mend is only lost when none of those is on its way.
 */
export class LostCauses<T extends Awaited> {
  readonly #client: KubeClient;
  readonly #signal: AbortSignal | undefined;
  readonly #seen = new Map<T, Observation>();
  #unready = 0;

  constructor(client: KubeClient, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#signal = signal;
  }

  /** The objects of a wait that are lost, with why. */
  async judge(open: readonly T[]): Promise<ReadonlyMap<T, ObjectStatus>> {
    const now = this.#client.clock.now();
    const unready = open.filter(({ status }) => status.status !== "Current");
    if (unready.length !== this.#unready) this.#forgive(now);
    this.#unready = unready.length;
    const waiting = open.filter(({ status }) => status.status === "InProgress");
    await mapBounded(waiting, (target) => this.#look(target, now));
    const lost = waiting.flatMap((target) => {
      const trouble = this.#lastingTrouble(target, now);
      return trouble === undefined ? [] : [{ target, trouble }];
    });
    const hopeless = lost.length === unready.length;
    return new Map(
      lost
        .filter(({ trouble }) => hopeless || isOwn(trouble))
        .map(({ target, trouble }) => [target, failed(trouble.message)]),
    );
  }

  /** What has just become ready may be what the others waited for. */
  #forgive(now: number): void {
    for (const seen of this.#seen.values()) {
      seen.restarts = undefined;
      if (seen.trouble !== undefined && !isOwn(seen.trouble)) seen.since = now;
    }
  }

  async #look(target: T, now: number): Promise<void> {
    const seen = this.#seen.get(target) ?? { lookAt: now + firstLook };
    this.#seen.set(target, seen);
    if (now < seen.lookAt || target.view === undefined) return;
    seen.lookAt = now + firstLook;
    const trouble = await this.#trouble(target.view);
    // A roll-out that goes on is no standstill, whatever its pods say.
    const key = trouble && JSON.stringify([trouble.kind, progressOf(target.view)]);
    if (key !== seen.key || seen.trouble === undefined) seen.since = now;
    seen.key = key;
    seen.trouble = trouble;
    // Between two crashes it runs, and is in no trouble.
    if (trouble?.kind === "crash") {
      seen.restarts = Math.min(seen.restarts ?? trouble.restarts, trouble.restarts);
    }
  }

  /** That it cannot be found out is no reason to fail. */
  async #trouble(view: KubeObjectView): Promise<Trouble | undefined> {
    try {
      return await findTrouble(this.#client, view, { signal: this.#signal });
    } catch (error) {
      if (isKubeError(error)) return undefined;
      throw error;
    }
  }

  #lastingTrouble(target: T, now: number): Trouble | undefined {
    const { trouble, since = now, restarts = Infinity } = this.#seen.get(target) ?? {};
    if (trouble === undefined) return undefined;
    const lasts = now - since >= graces[trouble.kind];
    const again = trouble.kind !== "crash" || trouble.restarts - restarts >= mostRestarts;
    return lasts && again ? trouble : undefined;
  }
}

/** No other object of a set can mend it. */
function isOwn({ kind }: Trouble): boolean {
  return kind === "spec" || kind === "image";
}

interface Observation {
  lookAt: number;
  trouble?: Trouble | undefined;
  key?: string | undefined;
  since?: number;
  /** Of a container that crashes, when it was first seen to do so. */
  restarts?: number | undefined;
}

function progressOf(view: KubeObjectView): unknown {
  const { replicas, updatedReplicas, readyReplicas, availableReplicas, currentReplicas } = (view[
    "status"
  ] ?? {}) as Record<string, unknown>;
  return [replicas, updatedReplicas, readyReplicas, availableReplicas, currentReplicas];
}
