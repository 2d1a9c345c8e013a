import {
  type BundleMember,
  type DesiredInstance,
  type InventoryEntry,
  type KubeClient,
  getInstance,
  isKubeError,
} from "@tenon/kube";

import { DeployError } from "../errors.ts";

/**
 * Rejects a run that would prune the namespace of an instance that stays: everything in it would go
 * along.
 *
 * @throws DeployError `DEPLOY_PRUNE_UNSAFE`
 */
export async function rejectUnsafePrune(
  client: KubeClient,
  from: {
    readonly bundle: string;
    readonly stale: readonly BundleMember[];
    readonly desired: readonly DesiredInstance[];
  },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { bundle, stale, desired } = from;
  const rendered = new Set(desired.flatMap(namespacesIn));
  for (const { name, namespace } of stale) {
    const inventory = await inventoryOf(client, name, namespace, options);
    const going = inventory
      .filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Namespace")
      .map((entry) => entry.name)
      .filter((gone) => !rendered.has(gone));
    const held = desired.find((instance) => going.includes(instance.namespace));
    if (held === undefined) continue;
    throw new DeployError(
      "DEPLOY_PRUNE_UNSAFE",
      `Cannot prune instance ${name} of bundle ${bundle}: it has namespace ${held.namespace}, which instance ${held.name} is in`,
      {
        hint: "Keep the namespace in the bundle, or apply with --prune=false",
        details: { instance: name, namespace: held.namespace, inside: held.name },
      },
    );
  }
}

function namespacesIn({ sets }: DesiredInstance): string[] {
  return sets
    .flatMap(({ objects }) => objects.map(({ view }) => view))
    .filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Namespace")
    .map(({ metadata }) => metadata.name);
}

async function inventoryOf(
  client: KubeClient,
  name: string,
  namespace: string,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<readonly InventoryEntry[]> {
  try {
    const { record } = await getInstance(client, name, namespace, options);
    return [...(record.applied?.inventory ?? []), ...(record.pending?.inventory ?? [])];
  } catch (error) {
    // A damaged record keeps its instance from being pruned, and nothing else.
    if (isKubeError(error, "KUBE_INSTANCE_NOT_FOUND", "KUBE_RECORD_INVALID")) return [];
    throw error;
  }
}
