import { defaultKubeVersion } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";

/**
 * The Kubernetes version that modules are built for and their objects checked with: that of the
 * request, else of `TENON_KUBE_VERSION`, else the newest that is known. Modules see it with a patch
 * version, so that `1.33` is `1.33.0`.
 *
 * @throws DeployError `DEPLOY_KUBE_VERSION_INVALID`
 */
export function kubeVersionOf(
  { env }: Pick<DeployContext, "env">,
  request: { readonly kubeVersion?: string | undefined },
): string {
  const given = request.kubeVersion ?? env["TENON_KUBE_VERSION"] ?? env["TIMONI_KUBE_VERSION"];
  if (given === undefined || given === "") return defaultKubeVersion;
  const [, minor, rest] = /^v?(\d+\.\d+)([.+-].*)?$/.exec(given) ?? [];
  if (minor !== undefined) return `${minor}${rest ?? ".0"}`;
  throw new DeployError(
    "DEPLOY_KUBE_VERSION_INVALID",
    `Cannot build for Kubernetes ${JSON.stringify(given)}: not a version`,
    { hint: "Give a version such as 1.33 or 1.33.4" },
  );
}
