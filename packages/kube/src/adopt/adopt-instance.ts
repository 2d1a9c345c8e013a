import { type KubeObjectView, formatRef, identityOf } from "@tenon/core";

import { applyInstance } from "../apply.ts";
import { mapBounded } from "../bounded.ts";
import type { ChangeSet } from "../change-set.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { deleteObject } from "../client/objects.ts";
import type { DesiredInstance } from "../desired.ts";
import { KubeError, isKubeError } from "../errors.ts";
import { localHolder } from "../holder.ts";
import { uidOf } from "../live-object.ts";
import { rejectLiveHolder } from "../lock.ts";
import type { PreparedObject } from "../prepare.ts";
import { secrets } from "../record-secret.ts";
import { instanceRecords } from "../record-store.ts";
import type { ApplyOptions } from "../run.ts";
import type { Adoption, AdoptionOptions } from "./adoption.ts";
import { foldOf } from "./plan-object-adoption.ts";
import { writeManagers } from "./write-managers.ts";

/**
 * Adopts an instance as planned: moves the fields of the other tool to us without changing any, then
 * applies, then deletes what was asked to go, and at last what made the tool know its objects. Killed
 * at any instant, the same call completes it.
 *
 * @throws KubeError `KUBE_CONFLICT` before anything is written, and what an apply may throw
 *
 * @example
 * const adoption = await planAdoption(client, desired, { tool: "helm", parseYaml });
 * await adoptInstance(client, desired, adoption, { tool: "helm", parseYaml });
 */
export async function adoptInstance(
  client: KubeClient,
  desired: DesiredInstance,
  adoption: Adoption,
  options: AdoptionOptions & ApplyOptions,
): Promise<ChangeSet> {
  const { signal, holder = localHolder() } = options;
  if (!options.forceConflicts) rejectConflicts(adoption);
  const stored = await instanceRecords.read(client, desired, { signal });
  rejectLiveHolder(client, instanceRecords, stored, holder);
  await mapBounded(
    adoption.objects,
    (object) => moveOwnership(client, object, { adoption, options }),
    signal,
  );
  // What Flux has is found by the labels of the objects alone, and those go with the apply.
  const early = options.tool === "flux";
  if (early) await deleteRecords(client, adoption, signal);
  const changes = await applyInstance(client, desired, { ...options, holder, adopting: true });
  await deleteLeftBehind(client, adoption, signal);
  if (!early) await deleteRecords(client, adoption, signal);
  return changes;
}

/** One after another: the one that tells the next run what there is goes last. */
async function deleteRecords(
  client: KubeClient,
  { plan }: Adoption,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const ref of plan.records) await deleteObject(client, secrets, ref, { signal });
}

async function moveOwnership(
  client: KubeClient,
  object: PreparedObject,
  from: { readonly adoption: Adoption; readonly options: AdoptionOptions },
): Promise<void> {
  const { adoption, options } = from;
  const { ref, resource } = object;
  const { signal } = options;
  const known = adoption.plan.objects.find((entry) => identityOf(entry.ref) === identityOf(ref));
  if (known?.action === "added") return;
  await writeManagers(client, { ref, resource }, { signal }, (live: KubeObjectView) => {
    const fold = foldOf(live, object, { foreign: adoption.foreign, options });
    return fold.changes ? fold.entries : undefined;
  });
}

async function deleteLeftBehind(
  client: KubeClient,
  { leftBehind }: Adoption,
  signal: AbortSignal | undefined,
): Promise<void> {
  const going = leftBehind.filter(({ entry }) => entry.action === "deleted");
  await mapBounded(
    going,
    async ({ entry: { ref }, resource, view }) => {
      try {
        await deleteObject(client, resource, ref, { uid: uidOf(view), signal });
      } catch (error) {
        // What has been made anew since it was planned stays.
        if (!isKubeError(error, "KUBE_STALE")) throw error;
      }
    },
    signal,
  );
}

function rejectConflicts({ plan }: Adoption): void {
  const all = plan.objects.flatMap(({ ref, conflicts }) =>
    conflicts.map((conflict) => ({ ref, ...conflict })),
  );
  if (all.length === 0) return;
  const texts = all.map(
    ({ ref, field, manager }) => `${field} of ${formatRef(ref)} is owned by ${manager}`,
  );
  throw new KubeError(
    "KUBE_CONFLICT",
    `Cannot adopt instance ${plan.instance} in ${plan.namespace}: ${texts.join("; ")}`,
    {
      hint: "Leave the fields out, take them with --force-conflicts, or count the manager in with --manager",
      details: { conflicts: all },
    },
  );
}
