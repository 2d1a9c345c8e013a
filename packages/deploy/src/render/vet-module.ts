import { refOf, type Diagnostic, type ObjectRef } from "@tenon/core";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { type ImageDemand, imageProblems, imagesRefused } from "../trust/image-problems.ts";
import { type RenderedInstance, buildInstance } from "./build-instance.ts";
import type { BuildRequest } from "./build-request.ts";

/** What to vet. `debug` has an effect where the module has a `debug_values.cue`. */
export interface VetRequest extends BuildRequest {
  /** Make warnings errors. */
  readonly strict?: boolean | undefined;
  /** What its images must be; any are accepted unless given. */
  readonly imageDemand?: ImageDemand | undefined;
}

/** What was vetted. */
export interface VetReport {
  /** The module's name. */
  readonly module: string;
  readonly valuesUsed: "default" | "debug" | "files";
  readonly objects: readonly ObjectRef[];
  readonly images: readonly {
    readonly reference: string;
    /** By digest. */ readonly pinned: boolean;
  }[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Builds a module with its default, debug or given values and checks all that it renders.
 *
 * @throws DeployError `DEPLOY_VET_FAILED` for what would fail on apply, for images that are not as
 * demanded, and for warnings if `strict`
 * @throws SchemaError `SCHEMA_VALUES_INVALID`, `SCHEMA_BUILD_FAILED`, `SCHEMA_OBJECT_INVALID`
 */
export async function vetModule(context: DeployContext, request: VetRequest): Promise<VetReport> {
  const { module } = request;
  const given = (request.values?.length ?? 0) > 0;
  const debug = request.debug === true && module.files.has("debug_values.cue");
  const rendered = await buildInstance(context, { ...request, debug });
  rejectUnusable(module.root, rendered);
  const objects = rendered.sets.flatMap((set) => set.objects.map(refOf));
  const invalid = await invalidImages(rendered.images);
  if (invalid.length > 0) {
    throw new DeployError(
      "DEPLOY_VET_FAILED",
      `Cannot vet module ${module.root}: invalid image reference ${JSON.stringify(invalid[0])}`,
      {
        diagnostics: invalid.map((image) => ({
          text: `invalid image reference ${JSON.stringify(image)}`,
          positions: [],
        })),
        hint: "An image is named like registry.example.com/team/app:1.2.3",
      },
    );
  }
  await rejectImages(context, request, rendered);
  const warnings = [...rendered.doubts, ...rendered.warnings];
  if (request.strict === true && warnings.length > 0) {
    throw new DeployError(
      "DEPLOY_VET_FAILED",
      `Cannot vet module ${module.root}: ${warnings.length} warning(s) with --strict`,
      {
        diagnostics: warnings,
      },
    );
  }
  return {
    module: rendered.moduleName,
    valuesUsed: given ? "files" : debug ? "debug" : "default",
    objects,
    images: rendered.images.map((reference) => ({ reference, pinned: reference.includes("@sha") })),
    warnings,
  };
}

function rejectUnusable(root: string, { hasConfig, sets }: RenderedInstance): void {
  if (!hasConfig) {
    throw new DeployError(
      "DEPLOY_VET_FAILED",
      `Cannot vet module ${root}: it has no timoni.instance.config`,
      {
        hint: "Put the values there, with the name and namespace of the instance: timoni: instance: config: values",
      },
    );
  }
  if (sets.some(({ objects }) => objects.length > 0)) return;
  throw new DeployError(
    "DEPLOY_VET_FAILED",
    `Cannot vet module ${root}: timoni.apply has no objects`,
    {
      hint: "List the module's objects in timoni.cue, under timoni: apply: app: [...]",
    },
  );
}

async function rejectImages(
  context: DeployContext,
  { imageDemand, module }: VetRequest,
  { images, sets }: RenderedInstance,
): Promise<void> {
  if (imageDemand === undefined) return;
  const objects = sets.flatMap((set) => set.objects);
  const diagnostics = await imageProblems(context, imageDemand, { images, objects });
  if (diagnostics.length > 0)
    throw imagesRefused(`module ${module.root}`, imageDemand, diagnostics);
}

async function invalidImages(images: readonly string[]): Promise<string[]> {
  if (images.length === 0) return [];
  const { parseReference } = await import("@tenon/oci/reference");
  return images.filter((image) => {
    try {
      parseReference(`oci://${image}`);
      return false;
    } catch {
      return true;
    }
  });
}
