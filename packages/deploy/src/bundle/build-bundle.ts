import type { KubeObject } from "@tenon/core";
import type { Diagnostic } from "@tenon/core";
import { inApplyOrder, type RewrittenImage } from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { withLock } from "../lock/with-lock.ts";
import type { RenderedModule } from "../publish/publish-render.ts";
import { kubeVersionOf } from "../render/kube-version.ts";
import { BundleRenderer } from "./bundle-renderer.ts";
import { instanceGraph } from "./graph.ts";
import { type BundleRequest, type OpenedBundle, openBundle } from "./open-bundle.ts";

/** What to build. */
export interface BuildBundleRequest extends BundleRequest {
  /** CUE package of the modules to build; `main` unless given. */
  readonly package?: string | undefined;
  readonly creds?: string | undefined;
  /** Version of Kubernetes to build for and check with; that of the environment unless given. */
  readonly kubeVersion?: string | undefined;
}

/** One instance of a built bundle. */
export interface BuiltInstance {
  readonly name: string;
  readonly namespace: string;
  readonly module: RenderedModule;
  /** In the order in which they are applied. */
  readonly objects: readonly KubeObject[];
  readonly images: readonly string[];
  readonly rewrittenImages?: readonly RewrittenImage[] | undefined;
  readonly warnings: readonly Diagnostic[];
  /** What its module can hardly mean, for `vet`. */
  readonly doubts: readonly Diagnostic[];
}

/** A bundle with the objects of all its instances, in the order of declaration. */
export interface BuiltBundle {
  readonly bundle: string;
  readonly instances: readonly BuiltInstance[];
}

/**
 * Renders all instances of a bundle for one cluster. No cluster is asked.
 *
 * @throws SchemaError, OciError, DeployError as `openBundle`, `openModule` and `buildInstance`;
 * DeployError `DEPLOY_CLUSTER_AMBIGUOUS` when several clusters are selected
 */
export async function buildBundle(
  unlocked: DeployContext,
  request: BuildBundleRequest,
): Promise<BuiltBundle> {
  const context = await withLock(unlocked, request);
  const opened = await openOneCluster(context, request, "build");
  const renderer = new BundleRenderer(context, request);
  return renderBundle(renderer, opened, kubeVersionOf(context, request));
}

/**
 * Opens a bundle for the one cluster that is selected.
 *
 * @param doing what is to be done with it, for messages
 * @throws SchemaError, DeployError as `openBundle`; DeployError `DEPLOY_CLUSTER_AMBIGUOUS` when several
 * clusters are selected
 */
export async function openOneCluster(
  context: DeployContext,
  request: BundleRequest,
  doing: "build" | "explain",
): Promise<OpenedBundle> {
  const opened = await openBundle(context, request);
  if (opened.length === 1) return opened[0]!;
  const names = opened.map(({ cluster }) => cluster.name).join(", ");
  throw new DeployError(
    "DEPLOY_CLUSTER_AMBIGUOUS",
    `Cannot ${doing} the bundle for several clusters at once`,
    { hint: `Choose one with --runtime-cluster: ${names}` },
  );
}

/** Renders the instances of an opened bundle and checks what they depend on. */
export async function renderBundle(
  renderer: BundleRenderer,
  opened: OpenedBundle,
  kubeVersion: string,
): Promise<BuiltBundle> {
  const { bundle } = opened;
  const prepared = await renderer.render(opened, kubeVersion);
  const members = bundle.instances.map((instance, index) => ({
    ...instance,
    sets: prepared[index]!.desired.sets,
  }));
  instanceGraph(bundle.name, members);
  const instances = prepared.map(({ desired, rendered }) => {
    const { name, namespace, module, images, rewrittenImages, sets } = desired;
    const all = sets.flatMap((set) => set.objects);
    const objects = inApplyOrder(all, ({ view }) => ({ ...view, ...view.metadata }));
    const { doubts, warnings } = rendered;
    return { name, namespace, module, objects, images, rewrittenImages, doubts, warnings };
  });
  return { bundle: bundle.name, instances };
}
