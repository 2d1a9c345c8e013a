import { secretWords } from "@tenon/core";
import type { DesiredInstance, HealthChecks } from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { checksForRecord } from "../health/recorded-checks.ts";
import { buildInstance, type RenderedInstance } from "../render/build-instance.ts";
import type { BuildRequest } from "../render/build-request.ts";
import type { VerifiedModule } from "../source/verified-module.ts";

/** What to prepare for a cluster. */
export interface PrepareRequest extends BuildRequest {
  /** The bundle that the instance belongs to. */
  readonly bundle?: string | undefined;
}

/** An instance rendered for one cluster, ready to be planned or applied. */
export interface PreparedInstance {
  readonly module: VerifiedModule;
  readonly rendered: RenderedInstance;
  readonly desired: DesiredInstance;
  /** The health checks that the module declares. */
  readonly healthChecks?: HealthChecks | undefined;
}

/**
 * Renders an instance and makes of it what a cluster is to hold. Values that end up in Secrets are
 * masked before they are recorded.
 *
 * @throws SchemaError `SCHEMA_VALUES_INVALID`, `SCHEMA_BUILD_FAILED`, `SCHEMA_OBJECT_INVALID`
 * @throws DeployError `DEPLOY_NAME_INVALID`
 */
export async function prepareInstance(
  context: DeployContext,
  request: PrepareRequest,
): Promise<PreparedInstance> {
  const { module, bundle } = request;
  const rendered = await buildInstance(context, request);
  const words = secretWords(rendered.sets);
  const values =
    words.length === 0 ? rendered.values : await context.engine.mask(rendered.values, words);
  const { healthChecks } = rendered;
  const { name, repository, version, digest, mirror, annotations } = module;
  const desired: DesiredInstance = {
    name: request.name,
    namespace: request.namespace,
    bundle,
    module: {
      name,
      repository,
      version,
      digest,
      ...(mirror !== undefined && { mirror }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    values: values.trim(),
    images: rendered.images,
    rewrittenImages: rendered.rewrittenImages,
    healthChecks: healthChecks && checksForRecord(healthChecks, words),
    sets: rendered.sets,
  };
  return { module, rendered, desired, healthChecks: rendered.liveChecks };
}
