import {
  type Diagnostic,
  type ObjectRef,
  formatRef,
  groupOf,
  identityOf,
  refOf,
} from "@tenon/core";
import { isNamespaced } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { kubeVersionOf } from "../render/kube-version.ts";
import {
  type BuildBundleRequest,
  type BuiltBundle,
  type BuiltInstance,
  renderBundle,
} from "./build-bundle.ts";
import { BundleRenderer } from "./bundle-renderer.ts";
import { definedKind } from "./graph.ts";
import { openBundle } from "./open-bundle.ts";

/** What to vet. */
export interface VetBundleRequest extends BuildBundleRequest {
  /** Make warnings errors. */
  readonly strict?: boolean | undefined;
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
 * there are no instances or two have the same object, and for warnings if `strict`
 */
export async function vetBundle(
  context: DeployContext,
  request: VetBundleRequest,
): Promise<VettedBundle[]> {
  const vetted: VettedBundle[] = [];
  const renderer = new BundleRenderer(context, { creds: request.creds });
  for (const opened of await openBundle(context, request)) {
    const built = await renderBundle(renderer, opened, kubeVersionOf(context, request));
    rejectEmpty(built);
    await rejectSharedObjects(built);
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

/** Applied, the second instance would be refused an object of the first. */
async function rejectSharedObjects({ bundle, instances }: BuiltBundle): Promise<void> {
  const clusterWide = clusterWideKinds(instances);
  const owners = new Map<string, string>();
  for (const { name, namespace, objects } of instances) {
    for (const object of objects) {
      const ref = refOf(object);
      const isClusterWide =
        clusterWide.has(`${groupOf(ref.apiVersion)}/${ref.kind}`) ||
        (await isNamespaced(ref.apiVersion, ref.kind)) === false;
      const place = isClusterWide ? undefined : (ref.namespace ?? namespace);
      const id = identityOf({ ...ref, namespace: place });
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

/** Kinds that the bundle itself defines and that live in no namespace. */
function clusterWideKinds(instances: readonly BuiltInstance[]): Set<string> {
  const views = instances.flatMap(({ objects }) => objects.map(({ view }) => view));
  const kinds = views.flatMap((view) => {
    const kind = definedKind(view);
    const { scope } = (view["spec"] ?? {}) as { readonly scope?: string };
    return kind !== undefined && scope === "Cluster" ? [kind] : [];
  });
  return new Set(kinds);
}
