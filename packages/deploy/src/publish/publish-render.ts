import { type KubeObject, formatRef, refOf } from "@tenon/core";
import { MODULES_ANNOTATION, buildManifestsArtifact, parseReference } from "@tenon/oci";
import { printObjects } from "@tenon/schema";

import { type SharedObject, findSharedObject } from "../bundle/shared-object.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { needNetwork } from "../source/offline-registry.ts";
import { openTarget } from "../source/open-registry.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { pushTagged } from "./push-tagged.ts";
import { type NamespacedObjects, settleNamespaces } from "./settle-namespaces.ts";

/** The module that objects were rendered from. */
export type RenderedModule = Pick<VerifiedModule, "name" | "repository" | "version" | "digest">;

/** An instance that was rendered. */
export interface RenderedPart extends NamespacedObjects {
  readonly name: string;
  readonly module: RenderedModule;
}

/** What was rendered, and where it goes. */
export interface PublishRenderRequest {
  /** `oci://registry/repository:tag`. */
  readonly url: string;
  readonly instances: readonly RenderedPart[];
  /** The file or folder that was rendered, whose git repository is annotated. */
  readonly source?: string | undefined;
  /** Move the tag to another content also where it is a released version. */
  readonly overwrite?: boolean | undefined;
}

/** A render in a registry. */
export interface PublishedRender {
  /** `oci://registry/repository@digest`. */
  readonly url: string;
  /** `registry/repository`. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** Number of objects. */
  readonly objects: number;
  /** The Secrets whose data whoever may pull the artifact can read, each as `Secret/namespace/name`. */
  readonly secrets: readonly string[];
}

/** The file of the artifact, which holds what `build` prints, with namespaces. */
const manifestsFile = "manifests.yaml";

/**
 * Checks what a render is to be pushed as, before time is spent on it.
 *
 * @throws DeployError `DEPLOY_PUSH_TAG_MISSING`
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export function checkRenderUrl(url: string): { readonly tag: string } {
  const { tag, digest } = parseReference(url);
  if (tag !== undefined && digest === undefined) return { tag };
  const why = tag === undefined ? "it has no tag" : "its digest comes from what is pushed";
  throw new DeployError("DEPLOY_PUSH_TAG_MISSING", `Cannot push a render to ${url}: ${why}`, {
    hint: "Write oci://<host>/<repository>:<tag>, such as oci://ghcr.io/org/rendered/app:1.2.0",
  });
}

/**
 * Pushes rendered objects as an artifact that Flux and Argo CD apply. Its digest follows from the
 * objects, the modules and the commit that they were rendered from.
 *
 * @throws DeployError `DEPLOY_PUSH_TAG_MISSING`, `DEPLOY_RENDER_EMPTY`, `DEPLOY_OBJECT_SHARED`,
 * `DEPLOY_VERSION_RELEASED`
 * @throws OciError as `pushArtifact`
 */
export async function publishRender(
  context: DeployContext,
  request: PublishRenderRequest,
): Promise<PublishedRender> {
  const { url, instances, source, overwrite } = request;
  const { tag } = checkRenderUrl(url);
  needNetwork(context, `push to ${url}`);
  const objects = await settleNamespaces(instances);
  if (objects.length === 0) throw empty(url);
  const shared = await findSharedObject(instances);
  if (shared !== undefined) throw sharedObject(url, shared);
  const { engine, env, signal } = context;
  const text = await printObjects(engine, objects, "yaml");
  await using open = openTarget(context, url);
  await using artifact = await buildManifestsArtifact(
    new Map([[manifestsFile, Buffer.from(text)]]),
    { annotations: { [MODULES_ANNOTATION]: referencesOf(instances) }, env, source, signal },
  );
  const { subject } = await pushTagged(context, open, artifact, { tags: [tag], overwrite });
  const { digest } = subject;
  return {
    url: `${open.name}@${digest}`,
    repository: open.name.replace("oci://", ""),
    tag,
    digest,
    objects: objects.length,
    secrets: secretsWithData(objects),
  };
}

function secretsWithData(objects: readonly KubeObject[]): string[] {
  return objects
    .filter(({ view }) => hasSecretData(view))
    .map((object) => formatRef(refOf(object)));
}

function hasSecretData(view: KubeObject["view"]): boolean {
  if (view.apiVersion !== "v1" || view.kind !== "Secret") return false;
  return [view["data"], view["stringData"]].some((data) => Object.keys(data ?? {}).length > 0);
}

/** A folder is of no use to others: of a module from one the name alone is told. */
function referencesOf(instances: readonly RenderedPart[]): string {
  const modules = instances.map(({ module }) => module);
  const references = modules.map(({ name, repository, version, digest }) =>
    repository.startsWith("oci://") ? `${repository}:${version}@${digest}` : name,
  );
  return [...new Set(references)].toSorted().join(",");
}

function empty(url: string): DeployError {
  return new DeployError(
    "DEPLOY_RENDER_EMPTY",
    `Cannot push a render to ${url}: it has no objects`,
    {
      hint: "Look at what it renders without --push: an empty artifact would have all objects deleted",
    },
  );
}

function sharedObject(url: string, { ref, instances }: SharedObject): DeployError {
  return new DeployError(
    "DEPLOY_OBJECT_SHARED",
    `Cannot push a render to ${url}: instances ${instances.join(" and ")} both have ${formatRef(ref)}`,
    { hint: "Rename the object in one of them, or move it into an instance of its own" },
  );
}
