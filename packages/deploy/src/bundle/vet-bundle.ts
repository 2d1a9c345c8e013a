import { type Diagnostic, type ObjectRef, formatRef, identityOf, refOf } from "@tenon/core";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { type BuildBundleRequest, type BuiltBundle, renderBundle } from "./build-bundle.ts";
import { openBundle } from "./open-bundle.ts";

/** What to vet. */
export interface VetBundleRequest extends BuildBundleRequest {
  /** Make warnings errors. */
  readonly strict?: boolean | undefined;
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
}

/**
 * Evaluates a bundle, renders all its instances, and checks them and what they have in common. No
 * cluster is asked.
 *
 * @throws SchemaError, OciError, DeployError as `buildBundle`; DeployError `DEPLOY_VET_FAILED` when
 * two instances have the same object, and for warnings if `strict`
 */
export async function vetBundle(
  context: DeployContext,
  request: VetBundleRequest,
): Promise<VettedBundle[]> {
  const vetted: VettedBundle[] = [];
  for (const opened of await openBundle(context, request)) {
    const built = await renderBundle(context, request, opened);
    rejectSharedObjects(built);
    const warnings = built.instances.flatMap((instance) => instance.warnings);
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
    vetted.push({ cluster: opened.cluster.name, bundle: built.bundle, instances, warnings });
  }
  return vetted;
}

/** Applied, the second instance would be refused an object of the first. */
function rejectSharedObjects({ bundle, instances }: BuiltBundle): void {
  const owners = new Map<string, string>();
  for (const { name, namespace, objects } of instances) {
    for (const object of objects) {
      const ref = refOf(object);
      // Without a namespace it goes into that of its instance, unless its kind has none.
      const id = identityOf({ ...ref, namespace: ref.namespace ?? namespace });
      const other = owners.get(id);
      if (other !== undefined && other !== name) {
        throw new DeployError(
          "DEPLOY_VET_FAILED",
          `Cannot vet bundle ${bundle}: instances ${other} and ${name} both have ${formatRef(ref)}`,
          { hint: "Rename the object in one of them" },
        );
      }
      owners.set(id, name);
    }
  }
}
