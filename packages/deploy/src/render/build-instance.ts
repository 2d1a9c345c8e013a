import type { Diagnostic } from "@tenon/core";
import type { HealthChecks, RewrittenImage } from "@tenon/kube";
import { type Cel, type Rendered, checkObjects, patchObjects, renderInstance } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { checkCel, liveHealthChecks } from "../health/health-checks.ts";
import { type BuildRequest, renderRequestOf } from "./build-request.ts";

/** A rendered instance with what was found about its objects. */
export interface RenderedInstance extends Rendered {
  /** What would not fail, but deserves a look. */
  readonly warnings: readonly Diagnostic[];
  /** The images that the mirror table gave another place, if that was asked. */
  readonly rewrittenImages?: readonly RewrittenImage[] | undefined;
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
  const { signal } = context;
  const render = await renderRequestOf(context, request);
  const asModule = await renderInstance(context.engine, render, { signal });
  const label = `instance ${request.name}`;
  const rendered = await patchObjects(asModule, request.patches ?? [], label);
  const warnings = await checkObjects(context.engine, render, rendered, { signal, loadCel });
  const { healthChecks } = rendered;
  if (healthChecks !== undefined) await checkCel(context, render, healthChecks);
  const liveChecks = healthChecks && liveHealthChecks(context, healthChecks, render);
  const objects = rendered.sets.reduce((sum, set) => sum + set.objects.length, 0);
  context.onEvent?.({ type: "rendered", instance: request.name, objects });
  const placed = await placeImages(context, request.name, rendered);
  return { ...placed, warnings, liveChecks };
}

async function placeImages(
  context: DeployContext,
  instance: string,
  rendered: Rendered,
): Promise<Rendered & Pick<RenderedInstance, "rewrittenImages">> {
  if (context.rewriteImages !== true) return rendered;
  // Most runs need no client of registries here.
  const { rewriteImages } = await import("./rewrite-images.ts");
  const placed = await rewriteImages(context, rendered);
  const { rewrittenImages: images } = placed;
  if (images.length > 0) context.onEvent?.({ type: "images-rewritten", instance, images });
  return placed;
}

async function loadCel(): Promise<Cel> {
  return (await import("./schema-cel.ts")).schemaCel;
}
