import type { RuntimeCluster } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { type BundleRequest, openBundle, openRuntime } from "./open-bundle.ts";

/** Which bundle, by its name or by its files, and on which clusters. */
export interface BundleSelection extends Omit<BundleRequest, "files"> {
  /** Its name; taken from the files unless given. */
  readonly name?: string | undefined;
  readonly files?: readonly string[] | undefined;
}

/** A bundle by name on some clusters. */
export interface SelectedBundle {
  readonly name: string;
  readonly clusters: readonly RuntimeCluster[];
}

/**
 * Finds out the name of a bundle and the clusters that a request is about. No cluster is asked.
 *
 * @throws SchemaError, DeployError as `openBundle`
 */
export async function selectBundle(
  context: DeployContext,
  selection: BundleSelection,
): Promise<SelectedBundle> {
  const { name, files = [] } = selection;
  if (name !== undefined) {
    return { name, clusters: (await openRuntime(context, selection)).selected };
  }
  const opened = await openBundle(context, { ...selection, files });
  return { name: opened[0]!.bundle.name, clusters: opened.map(({ cluster }) => cluster) };
}
