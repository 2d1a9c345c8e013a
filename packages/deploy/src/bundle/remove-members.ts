import {
  type BundleMember,
  type BundleSession,
  type Change,
  type Instance,
  type KubeClient,
  type KubeEvent,
  deleteInstance,
  getInstance,
  isKubeError,
} from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { type InstancePlace, tagged } from "./bundle-event.ts";
import type { RemovedReport } from "./bundle-report.ts";
import { deletionOrder, keyOf } from "./deletion-order.ts";
import { type Outcome, type Task, schedule } from "./schedule.ts";

/** How the instances of a bundle are deleted. */
export interface RemoveOptions {
  readonly bundle: string;
  /** `_default` when there is no runtime. */
  readonly cluster: string;
  readonly context: DeployContext;
  /** The session that the bundle is held by; none in a dry run. */
  readonly session?: BundleSession | undefined;
  readonly dryRun?: boolean | undefined;
  readonly wait?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxParallel: number;
  readonly onFailure: "stop" | "continue";
  readonly signal?: AbortSignal | undefined;
}

interface Removal extends Task {
  readonly member: BundleMember;
}

interface Progress {
  readonly changes: readonly Change[];
  /** Why there was nothing to do. */
  readonly reason?: string | undefined;
  readonly milliseconds: number;
}

/**
 * Deletes instances of a bundle, each when those that depend on it are gone. What is gone already,
 * or belongs to another bundle by now, is left as it is. The report is in the order of the deletions.
 */
export async function removeMembers(
  client: KubeClient,
  members: readonly BundleMember[],
  options: RemoveOptions,
): Promise<RemovedReport[]> {
  const { cluster, maxParallel, onFailure, signal } = options;
  const removals = new Removals(client, options);
  const tasks = members.toReversed().map((member) => taskFor(cluster, member));
  await schedule([cluster], tasks, {
    laneLimit: maxParallel,
    onFailure,
    signal,
    open: async () => deletionOrder(members),
    run: (task) => removals.run(task),
    onSettled: (task, outcome) => removals.settled(task, outcome),
  });
  return removals.reports;
}

function taskFor(cluster: string, member: BundleMember): Removal {
  return { lane: cluster, key: keyOf(member), wave: 0, member };
}

/** The deletions of one run, as far as they have come. */
class Removals {
  readonly #client: KubeClient;
  readonly #options: RemoveOptions;
  readonly #progress = new Map<string, Progress>();
  readonly reports: RemovedReport[] = [];

  constructor(client: KubeClient, options: RemoveOptions) {
    this.#client = client;
    this.#options = options;
  }

  async run({ key, member }: Removal): Promise<void> {
    const { context, dryRun } = this.#options;
    const place = this.#placeOf(member);
    context.onEvent?.({
      type: "instance-started",
      place,
      operation: dryRun ? "plan" : "delete",
    });
    const { clock } = this.#client;
    const start = clock.now();
    const changes: Change[] = [];
    const note = (reason?: string): unknown =>
      this.#progress.set(key, { changes, reason, milliseconds: clock.now() - start });
    try {
      note(await this.#remove(member, changes));
    } catch (error) {
      note();
      throw error;
    }
  }

  settled({ key, member }: Removal, outcome: Outcome): void {
    const progress = this.#progress.get(key) ?? { changes: [], milliseconds: 0 };
    const { name, namespace } = member;
    this.reports.push({ name, namespace, outcome, ...progress });
    const place = this.#placeOf(member);
    const { milliseconds } = progress;
    this.#options.context.onEvent?.({ type: "instance-ended", place, outcome, milliseconds });
  }

  /** Collects the changes; why there is nothing to do comes back. */
  async #remove({ name, namespace }: BundleMember, changes: Change[]): Promise<string | undefined> {
    const { bundle, dryRun = false, wait, timeoutMs, signal, context } = this.#options;
    const tell = tagged(context.onEvent, this.#placeOf({ name }));
    const onEvent = (event: KubeEvent): void => {
      if (event.type === "change") changes.push(event.change);
      tell?.(event);
    };
    try {
      const instance = await getInstance(this.#client, name, namespace, { signal });
      if (instance.bundle !== bundle) return `managed by ${ownerText(instance)}`;
      this.#expectRemoval(instance);
      const how = { dryRun, wait, timeoutMs, signal, onEvent };
      const planned = await deleteInstance(this.#client, name, namespace, how);
      if (dryRun) changes.push(...planned);
      return undefined;
    } catch (error) {
      if (isKubeError(error, "KUBE_INSTANCE_NOT_FOUND")) return "already gone";
      throw error;
    }
  }

  /** The record of the bundle goes with the namespace that it stands in. */
  #expectRemoval({ record }: Instance): void {
    const { session } = this.#options;
    const entries = [...(record.applied?.inventory ?? []), ...(record.pending?.inventory ?? [])];
    const spaces = entries.filter(({ kind }) => kind === "Namespace").map(({ name }) => name);
    const home = session?.record?.namespace;
    if (home === undefined ? spaces.length > 0 : spaces.includes(home)) session?.expectRemoval();
  }

  #placeOf({ name }: Pick<BundleMember, "name">): InstancePlace {
    const { bundle, cluster } = this.#options;
    return { bundle, cluster, instance: name };
  }
}

function ownerText({ bundle }: Instance): string {
  return bundle === undefined ? "no bundle" : `bundle ${bundle}`;
}
