import {
  type BundleMember,
  type Change,
  type ChangeSet,
  type KubeEvent,
  applyInstance,
} from "@tenon/kube";

import { withEvidence } from "../evidence/with-evidence.ts";
import type { BundleCluster, CheckedBundle, RenderedMember } from "./bundle-cluster.ts";
import { type BundleOperation, tagged } from "./bundle-event.ts";
import type { ClusterReport, InstanceReport, RemovedReport } from "./bundle-report.ts";
import { namesOf } from "./graph.ts";
import { planMember } from "./plan-member.ts";
import { removeMembers } from "./remove-members.ts";
import type { Outcome } from "./schedule.ts";
import { failureAmong } from "./skip-reason.ts";
import type { SoakTarget } from "./soak.ts";

/** How instances are applied. */
export interface WorkOptions {
  /** A plan only tells what would be done. */
  readonly operation: Exclude<BundleOperation, "delete">;
  readonly wait?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly force?: boolean | undefined;
  readonly forceConflicts?: boolean | undefined;
  readonly overwriteOwnership?: boolean | undefined;
  readonly prune: boolean;
  readonly maxParallel: number;
  readonly onFailure: "stop" | "continue";
  /** Whether others wait for this instance in a later wave. */
  readonly isAwaited: (instance: string) => boolean;
}

interface Progress {
  changeSet?: ChangeSet;
  readonly changes: Change[];
  milliseconds: number;
}

type Outcomes = ReadonlyMap<string, Outcome>;

/** The work of one run on one cluster. Its bundle record is held while it lasts. */
export class ClusterWork {
  readonly cluster: BundleCluster;
  readonly #options: WorkOptions;
  readonly #progress = new Map<string, Progress>();
  #checked: CheckedBundle | undefined;
  /** Aborted also when another run takes the bundle over. */
  #signal: AbortSignal | undefined;
  #begun = false;
  #recordChanges = false;
  #removed: readonly RemovedReport[] = [];
  #error: unknown;

  constructor(cluster: BundleCluster, options: WorkOptions) {
    this.cluster = cluster;
    this.#options = options;
    this.#signal = cluster.context.signal;
  }

  /** Takes the bundle, and tells what each instance comes after. */
  async open(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { context, name: cluster, opened } = this.cluster;
    const { name: bundle, instances } = opened.bundle;
    const { operation } = this.#options;
    try {
      this.#checked = await this.cluster.check();
      await this.#begin(this.#checked);
    } catch (error) {
      this.#error = error;
      if (!context.signal?.aborted) {
        context.onEvent?.({ type: "cluster-failed", bundle, cluster, error });
      }
      throw error;
    }
    const count = { instances: instances.length };
    context.onEvent?.({ type: "bundle-started", bundle, cluster, operation, ...count });
    // A plan waits for nobody: each instance is compared with what is there now.
    return operation === "plan" ? new Map() : namesOf(this.cluster.graph);
  }

  /** Applies or plans one instance. */
  async run(instance: string): Promise<void> {
    const { cluster } = this;
    const { operation } = this.#options;
    const all = await cluster.render();
    const own = all.find(({ member }) => member.name === instance)!;
    const place = cluster.placeOf(instance);
    cluster.context.onEvent?.({ type: "instance-started", place, operation });
    const progress: Progress = { changes: [], milliseconds: 0 };
    this.#progress.set(instance, progress);
    const { clock } = cluster.client;
    const start = clock.now();
    try {
      const changeSet = await this.#carryOut(own, all, progress);
      this.#progress.set(instance, { ...progress, changeSet, milliseconds: clock.now() - start });
    } catch (error) {
      progress.milliseconds = clock.now() - start;
      throw error;
    }
  }

  /** Tells what became of an instance. */
  settled(instance: string, outcome: Outcome): void {
    const place = this.cluster.placeOf(instance);
    const milliseconds = this.#progress.get(instance)?.milliseconds ?? 0;
    this.cluster.context.onEvent?.({ type: "instance-ended", place, outcome, milliseconds });
  }

  /** What has to stay ready of an instance that was applied. */
  async soakTarget(instance: string): Promise<SoakTarget> {
    const { name: cluster, client } = this.cluster;
    const all = await this.cluster.render();
    const { desired, healthChecks } = all.find(({ member }) => member.name === instance)!.prepared;
    return { client, cluster, desired, healthChecks };
  }

  /** Prunes what has left the bundle when all else went well, and lets go of the bundle. */
  async close(outcomes: Outcomes): Promise<void> {
    if (!this.#begun) return;
    const checked = this.#checked!;
    const { session } = checked;
    try {
      let failure = failureAmong(outcomes.values());
      if (failure === undefined) {
        await this.#prune(checked);
        failure = failureAmong(this.#removed.map(({ outcome }) => outcome));
      }
      if (this.#options.operation === "plan") return;
      if (failure === undefined) await session.finish(await this.#target(checked));
      else await session.abandon(failure, await this.#left(checked));
    } catch (error) {
      this.#error = error;
      await session.abandon(error);
    }
  }

  /** What became of the bundle on this cluster. */
  async report(outcomes: Outcomes): Promise<ClusterReport> {
    const { cluster, bundle } = this.cluster.opened;
    const rendered = await this.cluster.render().catch((): RenderedMember[] => []);
    const instances = bundle.instances.map(({ name, namespace, module }, index): InstanceReport => {
      const prepared = rendered[index]?.prepared;
      const { changeSet, changes = [], milliseconds = 0 } = this.#progress.get(name) ?? {};
      const { url: repository, version, digest } = module;
      return {
        name,
        namespace,
        module: prepared?.desired.module ?? { repository, version, digest },
        outcome: outcomes.get(name)!,
        changeSet,
        changes: changeSet?.changes ?? changes,
        warnings: prepared?.rendered.warnings ?? [],
        rewrittenImages: prepared?.rendered.rewrittenImages,
        milliseconds,
      };
    });
    return {
      cluster: cluster.name,
      group: cluster.group,
      instances,
      pruned: this.#removed,
      recordChanges: this.#recordChanges,
      error: this.#error,
    };
  }

  async #begin(checked: CheckedBundle): Promise<void> {
    const { session } = checked;
    const target = await this.#target(checked);
    const { record } = session;
    const same = JSON.stringify(record?.applied?.members) === JSON.stringify(target);
    this.#recordChanges = record?.pending !== undefined || !same;
    if (this.#options.operation === "apply") this.#signal = await session.begin("apply", target);
    this.#begun = true;
  }

  async #carryOut(
    own: RenderedMember,
    all: readonly RenderedMember[],
    progress: Progress,
  ): Promise<ChangeSet> {
    const { cluster } = this;
    const {
      operation,
      isAwaited,
      prune: _,
      maxParallel: __,
      onFailure: ___,
      ...how
    } = this.#options;
    const { reads } = this.#checked!;
    const tell = tagged(cluster.context.onEvent, cluster.placeOf(own.member.name));
    const options = { ...how, reads, signal: this.#signal };
    if (operation === "plan") {
      return planMember(cluster.client, own, { all, graph: cluster.graph }, options);
    }
    const onEvent = (event: KubeEvent): void => {
      if (event.type === "change") progress.changes.push(event.change);
      tell?.(event);
    };
    const { client, context } = cluster;
    const { prepared } = own;
    return withEvidence(context, { client, prepared, onEvent }, (listener) =>
      applyInstance(client, prepared.desired, {
        ...options,
        // A wave is over when its instances are ready, whatever the user does not want to wait for.
        wait: how.wait !== false || isAwaited(own.member.name),
        healthChecks: prepared.healthChecks,
        onEvent: listener,
      }),
    );
  }

  async #prune({ session, stale }: CheckedBundle): Promise<void> {
    const { prune, operation, wait, timeoutMs, maxParallel, onFailure } = this.#options;
    if (!prune || stale.length === 0) return;
    const { client, name: cluster, context, opened } = this.cluster;
    this.#removed = await removeMembers(client, stale, {
      bundle: opened.bundle.name,
      cluster,
      context,
      session,
      dryRun: operation === "plan",
      wait,
      timeoutMs,
      maxParallel,
      onFailure,
      signal: this.#signal,
    });
  }

  /** The instances that the bundle is to have. */
  async #target({ session }: CheckedBundle): Promise<readonly BundleMember[]> {
    const members = (await this.cluster.render()).map(({ member }) => member);
    if (this.#options.prune) return members;
    // In the order of the record, so that keeping what is there already changes nothing.
    const current = new Map(members.map((member) => [placeOf(member), member]));
    const known = session.members.map((member) => current.get(placeOf(member)) ?? member);
    return [...known, ...members.filter((member) => !known.includes(member))];
  }

  /** The instances that the bundle may have after a run that did not come to its end. */
  async #left({ stale }: CheckedBundle): Promise<readonly BundleMember[]> {
    const removed = this.#removed.filter(({ outcome }) => outcome.state === "done");
    const gone = new Set(removed.map(placeOf));
    const members = (await this.cluster.render()).map(({ member }) => member);
    return [...members, ...stale.filter((member) => !gone.has(placeOf(member)))];
  }
}

function placeOf({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${namespace}/${name}`;
}
