import type { Diagnostic } from "@tenon/core";
import type { HealthChecks } from "@tenon/kube";
import {
  type Cel,
  type Patch,
  type Rendered,
  type ValuesInput,
  checkObjects,
  patchObjects,
  renderInstance,
  typedValues,
} from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { checkCel, liveHealthChecks } from "../health/health-checks.ts";
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
 * @throws SchemaError `SCHEMA_VALUES_INVALID`, `SCHEMA_BUILD_FAILED`, `SCHEMA_OBJECT_INVALID`, `SCHEMA_PATCH_INVALID`
 * @throws DeployError `DEPLOY_NAME_INVALID`, `DEPLOY_KUBE_VERSION_INVALID`
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
    kubeVersion: kubeVersionOf(context, request),
    values: await typedValues(context.engine, request, request.values ?? [], { signal }),
  };
  const asModule = await renderInstance(context.engine, render, { signal });
  const label = `instance ${request.name}`;
  const rendered = await patchObjects(asModule, request.patches ?? [], label);
  const warnings = await checkObjects(context.engine, render, rendered, { signal, loadCel });
  const { healthChecks } = rendered;
  if (healthChecks !== undefined) await checkCel(context, render, healthChecks);
  const liveChecks = healthChecks && liveHealthChecks(context, healthChecks, render);
  const objects = rendered.sets.reduce((sum, set) => sum + set.objects.length, 0);
  context.onEvent?.({ type: "rendered", instance: request.name, objects });
  return { ...rendered, warnings, liveChecks };
}

async function loadCel(): Promise<Cel> {
  return (await import("./schema-cel.ts")).schemaCel;
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
