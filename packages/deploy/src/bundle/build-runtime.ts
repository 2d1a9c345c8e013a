import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { type BundleRequest, openRuntime } from "./open-bundle.ts";
import { type RuntimeValue, readRuntimeValues } from "./runtime-values.ts";

/** The values of a runtime on one of its clusters, by name. */
export interface BuiltRuntime {
  readonly cluster: string;
  readonly values: ReadonlyMap<string, RuntimeValue>;
}

/**
 * Reads the values of a runtime from each of the clusters that are selected, in the order of
 * declaration.
 *
 * @throws SchemaError, DeployError, KubeError as `openRuntime` and `readRuntimeValues`
 */
export async function buildRuntime(
  context: DeployContext,
  request: Omit<BundleRequest, "files" | "runtimeFromEnv">,
): Promise<BuiltRuntime[]> {
  if ((request.runtimes ?? []).length === 0) {
    throw new DeployError("DEPLOY_BUNDLE_UNREADABLE", "Cannot read runtime: no file is given", {
      hint: "Give one with -f runtime.cue",
    });
  }
  const { selected, queries } = await openRuntime(context, request);
  return Promise.all(
    selected.map(async (cluster) => ({
      cluster: cluster.name,
      values: await readRuntimeValues(context, cluster, { queries, kube: request.kube }),
    })),
  );
}
