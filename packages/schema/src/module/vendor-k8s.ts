import { fileURLToPath } from "node:url";

import { assets } from "../assets.ts";
import { vendorKubernetes } from "../kubernetes/index.ts";

/**
 * Writes the CUE packages of the Kubernetes API that come with this package into a module's
 * `cue.mod/gen`, in place of older ones.
 *
 * @returns the import paths, such as `k8s.io/api/apps/v1`
 * @throws TenonError `SCHEMA_MODULE_INVALID` when the directory is no module
 */
export async function vendorK8s(options: {
  readonly moduleDir: string;
  readonly signal?: AbortSignal | undefined;
}): Promise<string[]> {
  const { moduleDir, signal } = options;
  return vendorKubernetes({
    schemasDir: fileURLToPath(assets.kubernetes),
    moduleDir,
    ...(signal && { signal }),
  });
}
