import { type Patch, type RenderRequest, type ValuesInput, typedValues } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { kubeVersionOf } from "./kube-version.ts";

/** What to build. */
export interface BuildRequest {
  readonly module: VerifiedModule;
  readonly name: string;
  readonly namespace: string;
  readonly values?: readonly ValuesInput[] | undefined;
  readonly package?: string | undefined;
  /** Version of Kubernetes to build for and check with; that of the environment unless given. */
  readonly kubeVersion?: string | undefined;
  /** What is changed in the objects that the module renders. */
  readonly patches?: readonly Patch[] | undefined;
  /** Use `debug_values.cue` in place of `values.cue`. */
  readonly debug?: boolean | undefined;
}

/**
 * What is to be rendered: each value in the type that the module has for it, and the versions that the
 * module sees.
 *
 * @throws SchemaError `SCHEMA_MODULE_INVALID`
 * @throws DeployError `DEPLOY_NAME_INVALID`, `DEPLOY_KUBE_VERSION_INVALID`
 */
export async function renderRequestOf(
  { engine, env, signal }: DeployContext,
  request: BuildRequest,
): Promise<RenderRequest> {
  checkInstanceName(request.name);
  return {
    ...request,
    moduleVersion: request.module.version,
    kubeVersion: kubeVersionOf({ env }, request),
    values: await typedValues(engine, request, request.values ?? [], { signal }),
  };
}

/**
 * Checks that an instance can have this name: it becomes part of the names of its objects.
 *
 * @throws DeployError `DEPLOY_NAME_INVALID`
 */
export function checkInstanceName(name: string): void {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) && name.length <= 63) return;
  throw new DeployError(
    "DEPLOY_NAME_INVALID",
    `Cannot use ${JSON.stringify(name)} as an instance name: not a lower-case DNS name of at most 63 characters`,
    {
      hint: "Use lower-case letters, digits and dashes, such as my-app",
    },
  );
}
