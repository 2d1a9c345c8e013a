import { type Diagnostic, type ObjectRef, formatRef, refOf } from "@tenon/core";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { withLock } from "../lock/with-lock.ts";
import { kubeVersionOf } from "../render/kube-version.ts";
import { type ImageDemand, imageProblems, imagesRefused } from "../trust/image-problems.ts";
import { type BuildBundleRequest, type BuiltBundle, renderBundle } from "./build-bundle.ts";
import { BundleRenderer } from "./bundle-renderer.ts";
import { openBundle } from "./open-bundle.ts";
import { findSharedObject } from "./shared-object.ts";

/** What to vet. */
export interface VetBundleRequest extends BuildBundleRequest {
  /** Make warnings errors. */
  readonly strict?: boolean | undefined;
  /** What images must be; any are accepted unless given. */
  readonly imageDemand?: ImageDemand | undefined;
  /** Print the evaluated bundle as well. */
  readonly printValue?: boolean | undefined;
}

/** What was vetted, for each of the selected clusters. */
export interface VettedBundle {
  readonly cluster: string;
  readonly bundle: string;
  readonly instances: readonly {
    readonly name: string;
    readonly namespace: string;
    readonly objects: readonly ObjectRef[];
    readonly images: readonly string[];
  }[];
  readonly warnings: readonly Diagnostic[];
  /** The evaluated bundle as CUE text, when it was asked for. */
  readonly value?: string | undefined;
}

/**
 * Evaluates a bundle, renders all its instances, and checks them and what they have in common. No
 * cluster is asked.
 *
 * @throws SchemaError, OciError, DeployError as `buildBundle`; DeployError `DEPLOY_VET_FAILED` when
 * there are no instances, two have the same object or images are not as demanded, and for warnings if
 * `strict`
 */
export async function vetBundle(
  unlocked: DeployContext,
  request: VetBundleRequest,
): Promise<VettedBundle[]> {
  const context = await withLock(unlocked, request);
  const vetted: VettedBundle[] = [];
  const renderer = new BundleRenderer(context, { creds: request.creds });
  for (const opened of await openBundle(context, request)) {
    const built = await renderBundle(renderer, opened, kubeVersionOf(context, request));
    rejectEmpty(built);
    await rejectSharedObjects(built);
    await rejectImages(context, request, built);
    const warnings = built.instances.flatMap(({ doubts, warnings: found }) => [
      ...doubts,
      ...found,
    ]);
    if (request.strict === true && warnings.length > 0) {
      throw new DeployError(
        "DEPLOY_VET_FAILED",
        `Cannot vet bundle ${built.bundle}: ${warnings.length} warning(s) with --strict`,
        { diagnostics: warnings },
      );
    }
    const instances = built.instances.map(({ name, namespace, objects, images }) => ({
      name,
      namespace,
      objects: objects.map(refOf),
      images,
    }));
    const { bundle, cluster } = opened;
    const value = request.printValue === true ? await bundle.print() : undefined;
    vetted.push({ cluster: cluster.name, bundle: bundle.name, instances, warnings, value });
  }
  return vetted;
}

function rejectEmpty({ bundle, instances }: BuiltBundle): void {
  if (instances.length > 0) return;
  throw new DeployError("DEPLOY_VET_FAILED", `Cannot vet bundle ${bundle}: it has no instances`, {
    hint: "Declare one: bundle: instances: NAME: {module: url: …, namespace: …}",
  });
}

async function rejectImages(
  context: DeployContext,
  { imageDemand }: VetBundleRequest,
  { bundle, instances }: BuiltBundle,
): Promise<void> {
  if (imageDemand === undefined) return;
  const images = instances.flatMap((instance) => instance.images);
  const objects = instances.flatMap((instance) => instance.objects);
  const diagnostics = await imageProblems(context, imageDemand, {
    images: [...new Set(images)],
    objects,
  });
  if (diagnostics.length > 0) throw imagesRefused(`bundle ${bundle}`, imageDemand, diagnostics);
}

/** Applied, the second instance would be refused an object of the first. */
async function rejectSharedObjects({ bundle, instances }: BuiltBundle): Promise<void> {
  const shared = await findSharedObject(instances);
  if (shared === undefined) return;
  throw new DeployError(
    "DEPLOY_VET_FAILED",
    `Cannot vet bundle ${bundle}: instances ${shared.instances.join(" and ")} both have ${formatRef(shared.ref)}`,
    { hint: "Rename the object in one of them" },
  );
}
