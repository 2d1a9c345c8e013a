import { type KubeObjectView, type ObjectRef, identityOf } from "@tenon/core";

import { mapBounded, mapSettled } from "../bounded.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { getObject } from "../client/objects.ts";
import type { DesiredInstance } from "../desired.ts";
import { KubeError } from "../errors.ts";
import { fieldManager } from "../identity.ts";
import { managedFields } from "../live-object.ts";
import { locateAll } from "../locate.ts";
import { combine } from "../plan-stage.ts";
import { checkInstance } from "../plan.ts";
import { type PreparedObject, hasAction, prepareSets } from "../prepare.ts";
import { instanceRecords } from "../record-store.ts";
import type { AdoptedObject, Adoption, AdoptionOptions, LeftBehind } from "./adoption.ts";
import { type ForeignTool, claimOn, titleOf } from "./foreign-tool.ts";
import type { Foreign } from "./foreign.ts";
import { type AdoptionScope, planObjectAdoption } from "./plan-object-adoption.ts";
import { readForeign } from "./read-foreign.ts";

/**
 * Tells what adopting an instance from another tool would do, without any write: which objects stay
 * as they are, which fields of the others would change, what the tool has that stays behind.
 *
 * @throws KubeError `KUBE_NOTHING_TO_ADOPT` `KUBE_OWNED_BY_OTHER` `KUBE_STILL_RECONCILED`
 *
 * @example
 * const { plan } = await planAdoption(client, desired, { tool: "helm", parseYaml });
 * const exact = plan.objects.every(({ action }) => action === "same");
 */
export async function planAdoption(
  client: KubeClient,
  desired: DesiredInstance,
  options: AdoptionOptions,
): Promise<Adoption> {
  const { signal, tool, managers = [] } = options;
  const stored = await instanceRecords.read(client, desired, { signal });
  await checkInstance(client, desired, stored, { ...options, adopting: true });
  const objects = (await prepareSets(client, desired, { signal })).flatMap((set) => set.objects);
  const live = await readAll(client, objects, signal);
  const foreign = await readForeign(client, tool, {
    ...placeOf(desired, options),
    live: [...live.values()],
    managers,
    parseYaml: options.parseYaml,
    signal,
  });
  const begun = stored !== undefined || [...live.values()].some(isHandedOver);
  if (foreign === undefined && !begun) throw nothingToAdopt(desired, tool);
  const scope: AdoptionScope = { client, instance: desired, foreign, options };
  const adopted = await planObjects(scope, objects, live);
  const leftBehind = await planLeftBehind(scope, objects);
  const { name: instance, namespace } = desired;
  const plan = {
    instance,
    namespace,
    tool,
    from: foreign?.title ?? titleOf(tool),
    objects: adopted,
    leftBehind: leftBehind.map(({ entry }) => entry),
    records: foreign?.records ?? [],
    notes: foreign?.notes ?? [],
  };
  return { plan, foreign, objects, managers, leftBehind };
}

/** A run that was ended before it had a record: the other tool has let go of the object already. */
function isHandedOver(view: KubeObjectView): boolean {
  return managedFields(view).some(
    ({ manager, operation }) => manager === fieldManager && operation === "Apply",
  );
}

async function planObjects(
  scope: AdoptionScope,
  objects: readonly PreparedObject[],
  live: ReadonlyMap<string, KubeObjectView>,
): Promise<AdoptedObject[]> {
  const results = await mapSettled(
    objects,
    (object) => planObjectAdoption(scope, object, live.get(identityOf(object.ref))),
    scope.options.signal,
  );
  const errors = results.flatMap((result) => ("error" in result ? [result.error] : []));
  if (errors.length > 0) throw combine(errors);
  return results.flatMap((result) => ("value" in result ? [result.value] : []));
}

/** What the tool has, the render has not, and is there. */
async function planLeftBehind(
  scope: AdoptionScope,
  objects: readonly PreparedObject[],
): Promise<Adoption["leftBehind"]> {
  const { client, foreign, options } = scope;
  const { signal } = options;
  if (foreign === undefined) return [];
  const ours = new Set(objects.map(({ ref }) => identityOf(ref)));
  const refs = foreign.inventory.filter((ref) => !ours.has(identityOf(ref)));
  const located = await locateAll(client, refs, { signal });
  const read = await mapBounded(
    located,
    async ({ ref, resource }) => {
      if (resource === undefined) return [];
      const view = await getObject(client, resource, ref, { signal });
      return view === undefined
        ? []
        : [{ entry: leftBehind(scope, foreign, ref, view), resource, view }];
    },
    signal,
  );
  return read.flat();
}

function leftBehind(
  { options }: AdoptionScope,
  foreign: Foreign,
  ref: ObjectRef,
  view: KubeObjectView,
): LeftBehind {
  const stays = (reason?: string): LeftBehind => ({ ref, action: "stays", reason });
  if (!options.prune) return stays();
  const kept = "helm.sh/resource-policy";
  if (ref.kind === "Namespace" || ref.kind === "CustomResourceDefinition") {
    return stays("others may have something in it");
  }
  if (claimOn(view, foreign.tool) !== foreign.claim) return stays("owned by another");
  if (hasAction(view, "prune", "disabled") || view.metadata.annotations?.[kept] === "keep") {
    return stays("prune disabled");
  }
  return { ref, action: "deleted" };
}

async function readAll(
  client: KubeClient,
  objects: readonly PreparedObject[],
  signal: AbortSignal | undefined,
): Promise<Map<string, KubeObjectView>> {
  const found = await mapBounded(
    objects,
    async ({ ref, resource }) => getObject(client, resource, ref, { signal }),
    signal,
  );
  return new Map(
    objects.flatMap(({ ref }, index): [string, KubeObjectView][] => {
      const view = found[index];
      return view === undefined ? [] : [[identityOf(ref), view]];
    }),
  );
}

/** `--from-name` may name a namespace too. */
function placeOf(
  { name, namespace }: DesiredInstance,
  { fromName, tool }: AdoptionOptions,
): { readonly name: string; readonly namespace: string; readonly wanted?: string | undefined } {
  if (fromName === undefined || tool === "flux") return { name, namespace, wanted: fromName };
  const slash = fromName.indexOf("/");
  if (slash < 0) return { name: fromName, namespace };
  return { name: fromName.slice(slash + 1), namespace: fromName.slice(0, slash) };
}

function nothingToAdopt({ name, namespace }: DesiredInstance, tool: ForeignTool): KubeError {
  const what: Record<ForeignTool, string> = {
    timoni: `there is no Secret timoni.${name}`,
    helm: `there is no Helm release ${name} in ${namespace}`,
    flux: "no object of the instance has labels of Flux",
    kubectl: "no object of the instance has fields that kubectl manages",
  };
  return new KubeError(
    "KUBE_NOTHING_TO_ADOPT",
    `Cannot adopt instance ${name} in ${namespace} from ${titleOf(tool)}: ${what[tool]}`,
    { hint: "Name it with --from-name, or install the instance with tenon apply" },
  );
}
