import type { DeployContext } from "../context.ts";
import { withLock } from "../lock/with-lock.ts";
import { BundleCluster } from "./bundle-cluster.ts";
import { BundleRenderer } from "./bundle-renderer.ts";
import type { BundleReport, InstanceReport } from "./bundle-report.ts";
import { ClusterWork, type WorkOptions } from "./cluster-work.ts";
import { type BundleRequest, type OpenedBundle, openBundle } from "./open-bundle.ts";
import { prepareClusters } from "./prepare-clusters.ts";
import { type Outcome, type Task, schedule } from "./schedule.ts";
import { soak } from "./soak.ts";
import { type WavePlan, planWaves } from "./waves.ts";

/** What to apply, where, and how. */
export interface ApplyBundleRequest
  extends BundleRequest, Partial<Omit<WorkOptions, "operation" | "isAwaited">> {
  /** Credentials for the registries of the modules. */
  readonly creds?: string | undefined;
  /** Only tell what would be done. */
  readonly dryRun?: boolean | undefined;
}

/** Instances at a time on each cluster when nothing is said. */
export const defaultParallel = 4;

/** How long a wave may take to become ready again. */
const defaultTimeout = 300_000;

interface InstanceTask extends Task {
  readonly work: ClusterWork;
}

/**
 * Applies a bundle to all clusters that are selected. Everything is rendered and checked before
 * anything is written; an instance is applied when what it needs is ready; what has left the bundle
 * is deleted at the end. Failures of instances and clusters are in the report.
 *
 * @throws SchemaError, OciError, DeployError when the bundle cannot be built: nothing was written
 * @throws KubeError `KUBE_BUNDLE_CONFLICT`; of a single cluster what every call may throw
 */
export async function applyBundle(
  unlocked: DeployContext,
  request: ApplyBundleRequest,
): Promise<BundleReport> {
  const context = await withLock(unlocked, request);
  const opened = await openBundle(context, request);
  const waves = wavesOf(opened);
  const works = worksFor(context, request, { opened, waves });
  await using _ = { [Symbol.asyncDispose]: () => closeAll(works) };
  const sequential = request.maxParallel === 1;
  await prepareClusters(
    works.map(({ cluster }) => cluster),
    { patient: sequential, signal: context.signal },
  );
  const outcomes = await carryOut(context, request, { works, waves });
  context.signal?.throwIfAborted();
  const reports = works.map((work) => {
    const own = [...outcomes].filter(([task]) => task.work === work);
    return work.report(new Map(own.map(([{ key }, outcome]) => [key, outcome])));
  });
  const clusters = await Promise.all(reports);
  rethrowSingle(clusters);
  return { bundle: opened[0]!.bundle.name, dryRun: request.dryRun === true, clusters };
}

/**
 * Throws the failure of a single cluster on which nothing was done: there is nothing to report.
 */
function rethrowSingle(
  clusters: readonly { readonly error?: unknown; readonly instances: readonly InstanceReport[] }[],
): void {
  const [only, ...others] = clusters;
  if (only?.error === undefined || others.length > 0) return;
  const untouched = only.instances.every(
    ({ outcome }) => outcome.state === "skipped" && outcome.because.type === "lane",
  );
  if (untouched) throw only.error as Error;
}

async function closeAll(works: readonly ClusterWork[]): Promise<void> {
  await Promise.all(works.map(({ cluster }) => cluster.close()));
}

function wavesOf(opened: readonly OpenedBundle[]): WavePlan {
  return planWaves(
    opened.map(({ cluster, bundle: { instances, waves } }) => ({
      cluster: cluster.name,
      instances: instances.map(({ name }) => name),
      waves,
    })),
  );
}

function worksFor(
  context: DeployContext,
  request: ApplyBundleRequest,
  from: {
    readonly opened: readonly OpenedBundle[];
    readonly waves: WavePlan;
  },
): ClusterWork[] {
  const { opened, waves } = from;
  const { kube, dryRun = false, prune = true, maxParallel = defaultParallel } = request;
  const {
    wait,
    timeoutMs,
    force,
    forceConflicts,
    overwriteOwnership,
    onFailure = "stop",
  } = request;
  const how = { wait, timeoutMs, force, forceConflicts, overwriteOwnership, prune, maxParallel };
  const renderer = new BundleRenderer(context, { creds: request.creds });
  const run = { context, renderer, waves, kube, overwriteOwnership, prune };
  return opened.map((one) => {
    const cluster = new BundleCluster(one, run);
    return new ClusterWork(cluster, {
      ...how,
      operation: dryRun ? "plan" : "apply",
      // A plan tells of everything that would fail.
      onFailure: dryRun ? "continue" : onFailure,
      isAwaited: (instance) => waves.waveOf(one.cluster.name, instance) < waves.last,
    });
  });
}

async function carryOut(
  context: DeployContext,
  request: ApplyBundleRequest,
  { works, waves }: { readonly works: readonly ClusterWork[]; readonly waves: WavePlan },
): Promise<ReadonlyMap<InstanceTask, Outcome>> {
  const { dryRun = false, maxParallel = defaultParallel, onFailure = "stop" } = request;
  const byName = new Map(works.map((work) => [work.cluster.name, work]));
  const tasks = works.flatMap((work) =>
    work.cluster.opened.bundle.instances.map(({ name: key }): InstanceTask => {
      const lane = work.cluster.name;
      return { lane, key, wave: dryRun ? 0 : waves.waveOf(lane, key), work };
    }),
  );
  return schedule([...byName.keys()], tasks, {
    laneLimit: maxParallel,
    limit: maxParallel === 1 ? 1 : undefined,
    onFailure: dryRun ? "continue" : onFailure,
    signal: context.signal,
    open: (lane) => byName.get(lane)!.open(),
    run: ({ work, key }) => work.run(key),
    onSettled: ({ work, key }, outcome) => work.settled(key, outcome),
    gate: (wave, done) => passGate(context, request, { wave: waves.waves[wave]!, done }),
    close: (lane, outcomes) => byName.get(lane)!.close(outcomes),
  });
}

async function passGate(
  { signal, onEvent }: DeployContext,
  { timeoutMs = defaultTimeout }: ApplyBundleRequest,
  {
    wave,
    done,
  }: { readonly wave: WavePlan["waves"][number]; readonly done: readonly InstanceTask[] },
): Promise<void> {
  const targets = await Promise.all(done.map(({ work, key }) => work.soakTarget(key)));
  const bundle = done[0]!.work.cluster.opened.bundle.name;
  await soak(targets, {
    wave: wave.name,
    soakMs: wave.soakMs,
    timeoutMs,
    signal,
    onReady: (soakMs) => onEvent?.({ type: "wave-ready", bundle, wave: wave.name, soakMs }),
  });
}
