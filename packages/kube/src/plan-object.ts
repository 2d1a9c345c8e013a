import { type KubeObjectView, formatRef, identityOf } from "@tenon/core";

import type { Change } from "./change-set.ts";
import type { FieldConflict, StatusCause } from "./client/api-error.ts";
import { type ApplyAnswer, getObject, serverSideApply } from "./client/objects.ts";
import { comparable, diffObjects, isEqual } from "./diff.ts";
import { KubeError, isKubeError } from "./errors.ts";
import { isUntouched } from "./fingerprint.ts";
import { isHandEdited } from "./hand-edits.ts";
import { instanceLabel, instanceNamespaceLabel } from "./identity.ts";
import { isTerminating, managedFields } from "./live-object.ts";
import { type PreparedObject, hasAction } from "./prepare.ts";
import type { Run } from "./run.ts";
import { retryWhileUnserved } from "./serving.ts";

/** What is to be done with one object. */
export interface PlannedObject {
  readonly object: PreparedObject;
  readonly change: Change;
  /** The object as it is. */
  readonly live?: KubeObjectView | undefined;
  /** The server has not said yes: something that the object needs is not there yet. */
  readonly unverified?: boolean | undefined;
  /** Fields that others own are taken back. */
  readonly takesBack?: boolean | undefined;
}

/**
 * Finds out what applying an object would do, by a dry run on the server.
 *
 * @throws KubeError when the server, or the owner of the object, would refuse it
 */
export async function planObject(run: Run, object: PreparedObject): Promise<PlannedObject> {
  if (object.definedHere && !(await isServed(run, object))) return notYet(object);
  if (run.missingNamespaces.has(object.ref.namespace ?? "")) return notYet(object);
  if (hasAction(object.view, "one-off", "enabled")) {
    const live = run.metadata.get(identityOf(object.ref)) ?? (await liveOf(run, object));
    if (live !== undefined) return outcome(object, "skipped", { live, reason: "one-off" });
  }
  if (isAsApplied(run, object)) return outcome(object, "unchanged", {});
  try {
    return await compare(run, object);
  } catch (error) {
    if (isKubeError(error, "KUBE_NAMESPACE_NOT_FOUND") && isAwaited(run, object)) {
      run.missingNamespaces.add(object.ref.namespace ?? "");
      return notYet(object);
    }
    if (isKubeError(error, "KUBE_KIND_UNKNOWN") && object.definedHere) return notYet(object);
    if (isKubeError(error, "KUBE_IMMUTABLE")) return recreation(run, object, error as KubeError);
    if (isKubeError(error, "KUBE_CONFLICT")) {
      return repairOrExplain(run, object, error as KubeError);
    }
    throw error;
  }
}

/** Tells whether the record and the metadata say that nothing is to be done. */
export function isAsApplied(run: Run, object: PreparedObject): boolean {
  const known = run.metadata.get(identityOf(object.ref));
  return known !== undefined && isUntouched(run.fingerprints, object, known);
}

async function compare(
  run: Run,
  object: PreparedObject,
  forceConflicts = run.options.forceConflicts ?? false,
): Promise<PlannedObject> {
  const { client, options, signal } = run;
  const dryRun = (): Promise<ApplyAnswer> =>
    serverSideApply(client, object.resource, object, {
      dryRun: true,
      forceConflicts,
      signal,
    });
  const answer = await (run.mode === "plan" ? dryRun() : retryWhileUnserved(run, object, dryRun));
  for (const text of answer.warnings) options.onEvent?.({ type: "warning", ref: object.ref, text });
  if (answer.created) return outcome(object, "created", {});
  const live = await liveOf(run, object);
  if (live === undefined) return outcome(object, "created", {});
  rejectOtherOwner(run, object, live);
  if (isTerminating(live)) {
    const reason = "the present object is being deleted";
    return outcome(object, "created", { live, reason, recreated: true });
  }
  if (isEqual(comparable(live), comparable(answer.view))) {
    return outcome(object, "unchanged", { live });
  }
  return outcome(object, "configured", { live, fields: diffObjects(live, answer.view) });
}

async function recreation(
  run: Run,
  object: PreparedObject,
  error: KubeError,
): Promise<PlannedObject> {
  const live = await liveOf(run, object);
  if (live === undefined) throw error;
  rejectOtherOwner(run, object, live);
  const asked =
    run.options.force || [object.view, live].some((view) => hasAction(view, "force", "enabled"));
  if (!asked) throw error;
  const causes = (error.details["causes"] ?? []) as readonly StatusCause[];
  const fields = causes.map(({ field }) => ({ path: field ?? "" }));
  return outcome(object, "created", {
    live,
    fields,
    recreated: true,
    reason: `immutable: ${fields.map(({ path }) => path).join(", ")}`,
  });
}

/**
 * Rejects an object that carries the labels of another instance.
 *
 * @throws KubeError `KUBE_OWNED_BY_OTHER`
 */
export function rejectOtherOwner(run: Run, object: PreparedObject, live: KubeObjectView): void {
  if (run.options.overwriteOwnership) return;
  const { labels } = live.metadata;
  const [name, namespace] = [labels?.[instanceLabel], labels?.[instanceNamespaceLabel]];
  if (name === undefined || (name === run.desired.name && namespace === run.desired.namespace))
    return;
  throw new KubeError(
    "KUBE_OWNED_BY_OTHER",
    `Cannot apply ${formatRef(object.ref)}: instance ${name} in ${namespace ?? "?"} owns it`,
    {
      hint: "Rename the object, or take it over with --overwrite-ownership",
      details: { ref: object.ref, owner: { name, namespace } },
    },
  );
}

/** The object as it is on the server, read once. */
export async function liveOf(
  run: Run,
  object: PreparedObject,
): Promise<KubeObjectView | undefined> {
  const id = identityOf(object.ref);
  const known = run.live.get(id);
  if (known !== undefined) return known;
  const { client, signal } = run;
  const live = await getObject(client, object.resource, object.ref, { signal });
  if (live !== undefined) run.live.set(id, live);
  return live;
}

/** Takes back what somebody has changed by hand; any other conflict is an error. */
async function repairOrExplain(
  run: Run,
  object: PreparedObject,
  error: KubeError,
): Promise<PlannedObject> {
  const live = await liveOf(run, object);
  const conflicts = error.details["conflicts"] as readonly FieldConflict[];
  if (live === undefined || !isHandEdited(run, object, { live, conflicts })) {
    throw await explainConflict(run, object, error);
  }
  const planned = await compare(run, object, true);
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].toSorted();
  const reason = `takes back what ${managers.join(", ")} changed`;
  return { ...planned, change: { ...planned.change, reason }, takesBack: true };
}

/** Says since when the other managers have had the fields: the API server does so for some only. */
async function explainConflict(
  run: Run,
  object: PreparedObject,
  error: KubeError,
): Promise<KubeError> {
  const live = await liveOf(run, object);
  if (live !== undefined) rejectOtherOwner(run, object, live);
  const entries = live === undefined ? [] : managedFields(live);
  const given = error.details["conflicts"] as readonly FieldConflict[];
  const conflicts = given.map((conflict) => {
    const entry = entries.find(({ manager }) => manager === conflict.manager);
    return { ...conflict, since: conflict.since ?? entry?.time };
  });
  const each = conflicts.map(
    ({ field, manager, since }) =>
      `${field} is owned by ${manager}${since === undefined ? "" : ` since ${since}`}`,
  );
  return new KubeError(
    "KUBE_CONFLICT",
    `Cannot apply ${formatRef(object.ref)}: ${each.join("; ")}`,
    {
      hint: error.hint,
      details: { ...error.details, ref: object.ref, conflicts },
      cause: error,
    },
  );
}

/** The server may serve the kind since a moment ago, or in the version of the render not yet. */
async function isServed(run: Run, object: PreparedObject): Promise<boolean> {
  const { apiVersion, kind } = object.ref;
  const options = { signal: run.signal, fresh: true };
  return (await run.client.discovery.known(apiVersion, kind, options)) !== undefined;
}

function isAwaited(run: Run, { ref }: PreparedObject): boolean {
  return ref.namespace !== undefined && run.awaitedNamespaces.has(ref.namespace);
}

function notYet(object: PreparedObject): PlannedObject {
  return { ...outcome(object, "created", {}), unverified: true };
}

function outcome(
  object: PreparedObject,
  action: Change["action"],
  more: Partial<Omit<Change, "ref" | "action">> & { readonly live?: KubeObjectView },
): PlannedObject {
  const { live, fields = [], ...rest } = more;
  const change: Change = { set: object.set, ref: object.ref, action, fields, ...rest };
  return { object, change, live };
}
