import type { Change, ChangeSet } from "./change-set.ts";
import type { KubeClient } from "./client/kube-client.ts";
import type { DesiredInstance } from "./desired.ts";
import { KubeError, isKubeError } from "./errors.ts";
import { hasNamespace } from "./has-namespace.ts";
import { inventoryOf, staleEntries } from "./inventory.ts";
import { stagesOf } from "./order.ts";
import { combine, planStage } from "./plan-stage.ts";
import { prepareSets } from "./prepare.ts";
import { planDeletions } from "./prune.ts";
import type { StoredRecord } from "./record-secret.ts";
import { instanceRecords } from "./record-store.ts";
import { type PlanOptions, startRun } from "./run.ts";
import { recordDiffers } from "./session.ts";
import { rejectTimoniRecord } from "./timoni-record.ts";
import { validateElsewhere } from "./validate-elsewhere.ts";

/**
 * Tells what applying an instance would do, without any write. What needs a namespace or a kind
 * that the same apply would bring is taken to be created.
 *
 * @throws KubeError when an apply would be refused
 *
 * @example
 * const { changes } = await planInstance(client, desired);
 * const added = changes.filter(({ action }) => action === "created");
 */
export async function planInstance(
  client: KubeClient,
  desired: DesiredInstance,
  options: PlanOptions = {},
): Promise<ChangeSet> {
  const { signal } = options;
  const stored = await instanceRecords.read(client, desired, { signal });
  await checkInstance(client, desired, stored, options);
  const sets = await prepareSets(client, desired, { signal });
  const createsNamespace =
    stored === undefined && !(await namespaceExists(client, desired, options));
  const run = await startRun(client, desired, { mode: "plan", options, stored, sets });
  const changes: Change[] = [];
  const errors: unknown[] = [];
  for (const stage of sets.flatMap((set) => stagesOf(set.objects, ({ ref }) => ref))) {
    try {
      const planned = await planStage(run, stage.entries);
      changes.push(...planned.map(({ change }) => change));
      await validateElsewhere(run, planned);
    } catch (error) {
      if (!isKubeError(error)) throw error;
      errors.push(error);
    }
  }
  if (errors.length > 0) throw combine(errors);
  const inventory = inventoryOf(sets);
  const stale = await planDeletions(client, desired, staleEntries(stored?.record, inventory), {
    signal,
    home: desired.namespace,
  });
  changes.push(...stale.map(({ change }) => change));
  for (const change of changes) options.onEvent?.({ type: "change", change });
  const recordChanges = recordDiffers(stored, desired, inventory);
  return {
    instance: desired.name,
    namespace: desired.namespace,
    createsNamespace,
    changes,
    recordChanges,
  };
}

/**
 * Rejects an instance that is not ours to change, or whose name cannot be recorded.
 *
 * @throws KubeError `KUBE_INVALID` `KUBE_BUNDLE_CONFLICT` `KUBE_MANAGED_BY_TIMONI`
 */
export async function checkInstance(
  client: KubeClient,
  desired: DesiredInstance,
  stored: StoredRecord | undefined,
  options: PlanOptions,
): Promise<void> {
  const { name, namespace, bundle } = desired;
  if (!/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(name)) {
    throw new KubeError(
      "KUBE_INVALID",
      `Cannot name an instance ${JSON.stringify(name)}: expected at most 63 lower-case letters, digits, dashes and dots`,
    );
  }
  if (stored === undefined) {
    if (options.adopting) return;
    await rejectTimoniRecord(client, name, namespace, { signal: options.signal });
    return;
  }
  const owner = stored.record.bundle;
  if (owner === bundle || options.overwriteOwnership) return;
  const by = owner === undefined ? "is not managed by any bundle" : `is managed by bundle ${owner}`;
  throw new KubeError(
    "KUBE_BUNDLE_CONFLICT",
    `Cannot apply instance ${name} in ${namespace}: it ${by}`,
    {
      hint: "Apply with --overwrite-ownership to take it over",
      details: { instance: name, bundle: owner },
    },
  );
}

async function namespaceExists(
  client: KubeClient,
  desired: DesiredInstance,
  { signal, createNamespace = true }: PlanOptions,
): Promise<boolean> {
  // Who may not look learns it from the objects.
  if ((await hasNamespace(client, desired.namespace, { signal })) !== false) return true;
  if (createNamespace) return false;
  throw new KubeError(
    "KUBE_NAMESPACE_NOT_FOUND",
    `Cannot apply instance ${desired.name}: namespace ${desired.namespace} does not exist`,
    {
      hint: `kubectl create namespace ${desired.namespace}`,
    },
  );
}
