import { type KubeObjectView, identityOf } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import type { DesiredInstance } from "./desired.ts";
import type { OnEvent } from "./events.ts";
import { type Fingerprints, fingerprintsOf, wasApplied } from "./fingerprint.ts";
import type { HolderIdentity } from "./holder.ts";
import { ownerSelector } from "./identity.ts";
import { ownedBy } from "./inventory.ts";
import type { PreparedSet } from "./prepare.ts";
import { type Located, readLive } from "./read-live.ts";
import type { StoredRecord } from "./record-secret.ts";
import type { SharedReads } from "./shared-reads.ts";
import type { HealthChecks } from "./wait.ts";

/** What a plan can be told. */
export interface PlanOptions {
  /** Recreate objects whose change is refused because a field is immutable. */
  readonly force?: boolean | undefined;
  /** Take fields that other managers own. */
  readonly forceConflicts?: boolean | undefined;
  /** Take objects of other instances, and an instance of another bundle. */
  readonly overwriteOwnership?: boolean | undefined;
  /** The instance is taken over from Timoni: its record there is no obstacle. */
  readonly adopting?: boolean | undefined;
  /** Make the namespace of the instance when it is missing; on by default. */
  readonly createNamespace?: boolean | undefined;
  /** Ask the server about every object, even those that nobody has touched since they were applied. */
  readonly thorough?: boolean | undefined;
  /** What a run of many instances reads for all of them. */
  readonly reads?: SharedReads | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an apply can be told. */
export interface ApplyOptions extends PlanOptions {
  /** Wait until the objects of each set are ready; on by default. */
  readonly wait?: boolean | undefined;
  /** For each wait on its own; 5 minutes by default. */
  readonly timeoutMs?: number | undefined;
  readonly healthChecks?: HealthChecks | undefined;
  /** Who runs; this process by default. */
  readonly holder?: HolderIdentity | undefined;
}

/** Time for each wait when nothing is said. */
export const defaultTimeout = 300_000;

/** What all steps of one plan or apply share. */
export interface Run {
  readonly client: KubeClient;
  readonly desired: DesiredInstance;
  readonly options: PlanOptions;
  /** `plan` writes nothing: objects that need something not there yet are taken to be created. */
  readonly mode: "plan" | "apply";
  readonly stored: StoredRecord | undefined;
  readonly live: LiveCache;
  /** The metadata of objects that are applied already, as they were when the run began. */
  readonly metadata: ReadonlyMap<string, KubeObjectView>;
  /** Objects as the server answered when they were applied or found to be as desired. */
  readonly reached: LiveCache;
  readonly fingerprints: Fingerprints;
  readonly selector: string;
  /** Namespaces that do not exist but will when the objects are applied. */
  readonly awaitedNamespaces: Set<string>;
  /** Those of them that the server has denied to know: asking again is no use. */
  readonly missingNamespaces: Set<string>;
  /** Aborted by the caller or by the loss of the lock. */
  signal: AbortSignal | undefined;
}

/** Live objects that were read already, by identity. */
export type LiveCache = Map<string, KubeObjectView>;

/** Starts a run; objects that the instance is known to have are read with few calls. */
export async function startRun(
  client: KubeClient,
  desired: DesiredInstance,
  from: {
    readonly mode: Run["mode"];
    readonly options: PlanOptions;
    readonly stored: StoredRecord | undefined;
    readonly sets: readonly PreparedSet[];
  },
): Promise<Run> {
  const { mode, options, stored, sets } = from;
  const selector = ownerSelector(desired.name, desired.namespace);
  const fingerprints: Fingerprints = options.thorough ? new Map() : fingerprintsOf(stored?.record);
  const expected = expectedObjects({ sets, stored, fingerprints });
  const { signal, reads } = options;
  const [whole, metadata] = await Promise.all(
    [false, true].map((metadataOnly) => {
      const wanted = expected.filter((object) => object.metadataOnly === metadataOnly);
      return readLive(client, wanted, { selector, reads, signal });
    }),
  );
  const awaitedNamespaces = awaited(desired, from);
  return {
    client,
    desired,
    options,
    mode,
    stored,
    live: whole!,
    metadata: metadata!,
    reached: new Map(),
    fingerprints,
    selector,
    awaitedNamespaces,
    missingNamespaces: new Set(),
    signal,
  };
}

/** The objects that the instance is known to have; of those with the same text the metadata will do. */
function expectedObjects(from: {
  readonly sets: readonly PreparedSet[];
  readonly stored: StoredRecord | undefined;
  readonly fingerprints: Fingerprints;
}): Located[] {
  const { sets, stored, fingerprints } = from;
  const known = new Set(ownedBy(stored?.record).map((entry) => identityOf(entry)));
  return sets
    .flatMap((set) => set.objects)
    .filter((object) => known.has(identityOf(object.ref)))
    .map((object) => ({ ...object, metadataOnly: wasApplied(fingerprints, object) }));
}

/**
 * The same run as a plan: it writes nothing, and what the apply will bring is taken to be there.
 * What it reads stays its own.
 */
export function previewOf(run: Run, sets: readonly PreparedSet[]): Run {
  return {
    ...run,
    mode: "plan",
    // Warnings come when the objects are applied.
    options: { ...run.options, onEvent: undefined },
    live: new Map(run.live),
    reached: new Map(),
    awaitedNamespaces: new Set([...run.awaitedNamespaces, ...renderedNamespaces(sets)]),
    missingNamespaces: new Set(run.missingNamespaces),
  };
}

function awaited(
  desired: DesiredInstance,
  { mode, options, stored, sets }: Parameters<typeof startRun>[2],
): Set<string> {
  const own = stored === undefined && options.createNamespace !== false ? [desired.namespace] : [];
  return new Set([...own, ...(mode === "plan" ? renderedNamespaces(sets) : [])]);
}

function renderedNamespaces(sets: readonly PreparedSet[]): string[] {
  return sets
    .flatMap((set) => set.objects)
    .filter(({ ref }) => ref.kind === "Namespace" && ref.apiVersion === "v1")
    .map(({ ref }) => ref.name);
}
