import { randomUUID } from "node:crypto";

import { type KubeObjectView, formatRef, identityOf, setMember } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { serverSideApply } from "../client/objects.ts";
import type { FieldChange } from "../diff.ts";
import { KubeError, isKubeError } from "../errors.ts";
import { instanceLabel, instanceNamespaceLabel } from "../identity.ts";
import { isTerminating } from "../live-object.ts";
import { type PreparedObject, hasAction } from "../prepare.ts";
import type { AdoptedObject, AdoptionOptions } from "./adoption.ts";
import { type Fold, foldOwnership } from "./fold-ownership.ts";
import {
  type ForeignTool,
  type Marks,
  claimOn,
  isManagedBy,
  marksOf,
  titleOf,
} from "./foreign-tool.ts";
import type { Foreign } from "./foreign.ts";
import { simulate } from "./simulate.ts";

/** What all objects of an adoption share. */
export interface AdoptionScope {
  readonly client: KubeClient;
  readonly instance: { readonly name: string; readonly namespace: string };
  readonly foreign: Foreign | undefined;
  readonly options: AdoptionOptions;
}

/**
 * Finds out what adopting an object would do.
 *
 * @throws KubeError `KUBE_OWNED_BY_OTHER` and what the API server says of the object
 */
export async function planObjectAdoption(
  scope: AdoptionScope,
  object: PreparedObject,
  live: KubeObjectView | undefined,
): Promise<AdoptedObject> {
  const { client, options } = scope;
  const { ref, set } = object;
  const { signal, tool } = options;
  const nothing = { set, ref, from: [], fields: [], conflicts: [], restarts: false };
  if (live === undefined || isTerminating(live)) {
    await checkAddition(client, object, signal);
    return { ...nothing, action: "added", recreated: live !== undefined };
  }
  rejectOtherOwner(scope, object, live);
  if (hasAction(object.view, "one-off", "enabled")) {
    return { ...nothing, action: "same", recreated: false };
  }
  const fold = foldOf(live, object, scope);
  try {
    const { conflicts, ...simulation } = await simulate(client, object, live, { fold, signal });
    const fields = simulation.fields.filter((field) => !isMark(field, tool));
    return {
      ...nothing,
      action: fields.length > 0 ? "changed" : "same",
      from: fold.from,
      fields,
      conflicts,
      restarts: fields.some((field) => replacesPods(object, field)),
      recreated: false,
    };
  } catch (error) {
    if (isKubeError(error, "KUBE_INVALID") && (await isValidAlone(client, object, signal))) {
      return { ...nothing, action: "changed", from: fold.from, recreated: false, untold: true };
    }
    const asked = [object.view, live].some((view) => hasAction(view, "force", "enabled"));
    if (!asked || !isKubeError(error, "KUBE_IMMUTABLE")) throw error;
    return { ...nothing, action: "changed", from: fold.from, recreated: true };
  }
}

/**
 * A dry run merges the render with what the other tool still owns: a list item whose key has changed
 * is there twice then. Under another name the render is on its own.
 */
async function isValidAlone(
  client: KubeClient,
  object: PreparedObject,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const name = `${object.ref.name.slice(0, 50)}-${randomUUID().slice(0, 8)}`;
  const json = setMember(object.json, ["metadata", "name"], JSON.stringify(name));
  const target = { ref: { ...object.ref, name }, json };
  const options = { dryRun: true, forceConflicts: false, signal };
  try {
    await serverSideApply(client, object.resource, target, options);
    return true;
  } catch (error) {
    if (isKubeError(error, "KUBE_INVALID")) return false;
    throw error;
  }
}

/** Whose fields of an object become ours: those of the tool, if the object is its own. */
export function foldOf(
  live: KubeObjectView,
  object: PreparedObject,
  { foreign, options: { tool, managers } }: Pick<AdoptionScope, "foreign" | "options">,
): Fold {
  const { apiVersion } = object.ref;
  if (foreign === undefined || !isOf(foreign, live, object)) {
    return foldOwnership(live, { apiVersion, isForeign: () => false, marks: noMarks });
  }
  return foldOwnership(live, {
    apiVersion,
    isForeign: (entry) => isManagedBy(entry, tool, managers),
    marks: marksOf(tool),
  });
}

const noMarks: Marks = { labels: [], annotations: [] };

function isOf(foreign: Foreign, live: KubeObjectView, object: PreparedObject): boolean {
  if (foreign.claim === undefined) return true;
  const claim = claimOn(live, foreign.tool);
  if (claim !== undefined) return claim === foreign.claim;
  const id = identityOf(object.ref);
  return foreign.inventory.some((entry) => identityOf(entry) === id);
}

function rejectOtherOwner(
  scope: AdoptionScope,
  object: PreparedObject,
  live: KubeObjectView,
): void {
  const { foreign, instance, options } = scope;
  if (options.overwriteOwnership) return;
  const { labels } = live.metadata;
  const [name, namespace] = [labels?.[instanceLabel], labels?.[instanceNamespaceLabel]];
  if (name !== undefined && (name !== instance.name || namespace !== instance.namespace)) {
    throw ownedBy(object, `instance ${name} in ${namespace ?? "?"}`);
  }
  for (const tool of markingTools) {
    const claim = claimOn(live, tool);
    if (claim === undefined || (tool === options.tool && claim === foreign?.claim)) continue;
    // Flux installs charts as Helm does.
    if (tool === "helm" && options.tool === "flux") continue;
    throw ownedBy(object, `${titleOf(tool)} (${claim})`);
  }
}

const markingTools = ["flux", "helm", "timoni"] as const;

function ownedBy(object: PreparedObject, owner: string): KubeError {
  return new KubeError(
    "KUBE_OWNED_BY_OTHER",
    `Cannot adopt ${formatRef(object.ref)}: ${owner} owns it`,
    {
      hint: "Adopt from its owner with --from and --from-name, or take it over with --overwrite-ownership",
      details: { ref: object.ref, owner },
    },
  );
}

/** What needs a namespace or a kind that the same render brings cannot be checked. */
async function checkAddition(
  client: KubeClient,
  object: PreparedObject,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const options = { dryRun: true, forceConflicts: false, signal };
    await serverSideApply(client, object.resource, object, options);
  } catch (error) {
    if (!isKubeError(error, "KUBE_NAMESPACE_NOT_FOUND", "KUBE_KIND_UNKNOWN")) throw error;
  }
}

const owners = /^metadata\.labels\["tenon\.dev\/instance(-namespace)?"\]$/;

/** A change that comes with the change of hands itself. */
function isMark({ path, before }: FieldChange, tool: ForeignTool): boolean {
  if (owners.test(path)) return true;
  if (path === 'metadata.labels["app.kubernetes.io/managed-by"]') {
    return (tool === "helm" || tool === "flux") && before === "Helm";
  }
  const { labels, annotations } = marksOf(tool);
  return (
    labels.some((key) => path === `metadata.labels[${JSON.stringify(key)}]`) ||
    annotations.some((key) => path === `metadata.annotations[${JSON.stringify(key)}]`)
  );
}

const withPods = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

function replacesPods({ ref }: PreparedObject, { path }: FieldChange): boolean {
  return withPods.has(ref.kind) && path.startsWith("spec.template.");
}
