import { fileURLToPath } from "node:url";

import { assets } from "../assets.ts";
import { SchemaError } from "../errors.ts";
import { vendorKubernetes } from "../kubernetes/index.ts";
import { defaultKubeVersion } from "../render/evaluate-module.ts";

/**
 * Writes the CUE packages of the Kubernetes API that come with this package into a module's
 * `cue.mod/gen`, in place of older ones.
 *
 * @returns the import paths, such as `k8s.io/api/apps/v1`
 * @throws TenonError `SCHEMA_MODULE_INVALID` when the directory is no module,
 * `SCHEMA_KUBERNETES_UNKNOWN` when this package has no schemas of the version
 */
export async function vendorK8s(options: {
  readonly moduleDir: string;
  /** A minor version such as `1.36` or `v1.36`, or `latest` (default). */
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<string[]> {
  const { moduleDir, version = "latest", signal } = options;
  requireKnown(version);
  return vendorKubernetes({
    schemasDir: fileURLToPath(assets.kubernetes),
    moduleDir,
    ...(signal && { signal }),
  });
}

function requireKnown(version: string): void {
  const [major, minor] = defaultKubeVersion.split(".");
  const known = ["latest", `${major}.${minor}`, defaultKubeVersion];
  if (known.includes(version.replace(/^v/, ""))) return;
  throw new SchemaError(
    "SCHEMA_KUBERNETES_UNKNOWN",
    `Cannot vendor the schemas of Kubernetes ${version}: this version of Tenon has those of ${major}.${minor}`,
    { hint: "Leave out --version to take these" },
  );
}
