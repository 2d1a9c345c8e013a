import type { Diagnostic } from "@tenon/core";
import type { HealthChecks } from "@tenon/kube";
import {
  type Rendered,
  type ValuesInput,
  checkObjects,
  renderInstance,
  typedValues,
} from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { checkCel, liveHealthChecks } from "../health/health-checks.ts";
import type { VerifiedModule } from "../source/verified-module.ts";

/** What to build. */
export interface BuildRequest {
  readonly module: VerifiedModule;
  readonly name: string;
  readonly namespace: string;
  readonly values?: readonly ValuesInput[] | undefined;
  readonly package?: string | undefined;
  readonly kubeVersion?: string | undefined;
  /** Use `debug_values.cue` in place of `values.cue`. */
  readonly debug?: boolean | undefined;
}

/** A rendered instance with what was found about its objects. */
export interface RenderedInstance extends Rendered {
  /** What would not fail, but deserves a look. */
  readonly warnings: readonly Diagnostic[];
  /** The module's own health checks, ready for waits. */
  readonly liveChecks?: HealthChecks | undefined;
}

/**
 * Renders an instance and checks its objects against the Kubernetes schemas.
 *
 * @throws SchemaError `SCHEMA_VALUES_INVALID`, `SCHEMA_BUILD_FAILED`, `SCHEMA_OBJECT_INVALID`
 * @throws DeployError `DEPLOY_NAME_INVALID`
 */
export async function buildInstance(
  context: DeployContext,
  request: BuildRequest,
): Promise<RenderedInstance> {
  checkInstanceName(request.name);
  const { signal } = context;
  const render = {
    ...request,
    moduleVersion: request.module.version,
    kubeVersion: request.kubeVersion ?? kubeVersionOf(context.env),
    values: await typedValues(context.engine, request, request.values ?? [], { signal }),
  };
  const rendered = await renderInstance(context.engine, render, { signal });
  const warnings = await checkObjects(context.engine, render, rendered, { signal });
  const { healthChecks } = rendered;
  if (healthChecks !== undefined) await checkCel(context, render, healthChecks);
  const liveChecks = healthChecks && liveHealthChecks(context, healthChecks, render);
  const objects = rendered.sets.reduce((sum, set) => sum + set.objects.length, 0);
  context.onEvent?.({ type: "rendered", instance: request.name, objects });
  return { ...rendered, warnings, liveChecks };
}

/** The Kubernetes version that the environment asks modules to be built for. */
export function kubeVersionOf(env: DeployContext["env"]): string | undefined {
  return (env["TENON_KUBE_VERSION"] ?? env["TIMONI_KUBE_VERSION"])?.replace(/^v/, "");
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
