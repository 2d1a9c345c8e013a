import { type Diagnostic, type Digest, formatRef } from "@tenon/core";
import { IMAGES_ANNOTATION, type Reference, parseReference } from "@tenon/oci";
import { type FoundImage, findObjectImages, inlineModule } from "@tenon/schema";

import {
  type BuildBundleRequest,
  type BuiltInstance,
  renderBundle,
} from "../bundle/build-bundle.ts";
import { BundleRenderer } from "../bundle/bundle-renderer.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import type { DeployContext, FetchedArtifact } from "../context.ts";
import { DeployError } from "../errors.ts";
import { withLock } from "../lock/with-lock.ts";
import { kubeVersionOf } from "../render/kube-version.ts";

/** An artifact that a bundle needs. */
export interface NeededArtifact {
  readonly role: "module" | "dependency" | "image";
  /** `host/repository`. */
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
  /** What needs it, for messages: where an image stands. */
  readonly neededBy?: string | undefined;
  /** It comes from a registry without TLS, on purpose. */
  readonly insecure?: boolean | undefined;
  /** A module names it, and no object that is rendered has it. */
  readonly isOptional: boolean;
}

/** What a bundle needs, as it is evaluated. */
export interface BundleContent {
  readonly bundle: string;
  readonly artifacts: readonly NeededArtifact[];
  /** Modules in folders, which are not in any registry. */
  readonly folders: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Evaluates a bundle for all of its clusters and finds what it needs: its modules, the CUE modules that
 * those require, and the images of what is rendered.
 *
 * @throws SchemaError, OciError, DeployError as `openBundle` and `renderBundle`; DeployError
 * `DEPLOY_IMAGE_INVALID`
 */
export async function collectContent(
  context: DeployContext,
  request: BuildBundleRequest,
): Promise<BundleContent> {
  const fetched: FetchedArtifact[] = [];
  const locked = await withLock(context, request);
  const watched = { ...locked, onFetched: (artifact: FetchedArtifact) => fetched.push(artifact) };
  const renderer = new BundleRenderer(watched, request);
  const instances: BuiltInstance[] = [];
  let bundle = "";
  for (const opened of await openBundle(watched, request)) {
    const built = await renderBundle(renderer, opened, kubeVersionOf(context, request));
    bundle = built.bundle;
    instances.push(...built.instances);
  }
  const images = instances.flatMap((instance) =>
    parseImages(instance.name, findObjectImages(instance.objects, instance.images).images),
  );
  const folders = instances
    .map(({ module }) => module)
    .filter(({ digest, repository }) => digest === "unknown" && repository !== inlineModule.url)
    .map(({ repository }) => repository);
  return {
    bundle,
    artifacts: distinct([
      ...fetched.map(fromRegistry),
      ...images,
      ...declaredImages(fetched, images),
    ]),
    folders: [...new Set(folders)],
    warnings: instances.flatMap(({ warnings }) => warnings),
  };
}

function fromRegistry(artifact: FetchedArtifact): NeededArtifact {
  const { role, tag, digest, insecure } = artifact;
  const repository = artifact.repository.slice("oci://".length);
  return { role, repository, tag, digest, insecure, isOptional: false };
}

function parseImages(instance: string, images: readonly FoundImage[]): NeededArtifact[] {
  return images.map(({ reference, places }) => {
    const [place] = places;
    const where =
      place === undefined ? "configuration" : `${formatRef(place.object)}: ${place.path}`;
    const neededBy = `instance ${instance}: ${where}`;
    return { ...imageOf(readImage(reference, neededBy), false), neededBy };
  });
}

/** Images that modules say they deploy, but for those of which the values choose another version. */
function declaredImages(
  fetched: readonly FetchedArtifact[],
  images: readonly NeededArtifact[],
): NeededArtifact[] {
  const chosen = new Set(images.map(({ repository }) => repository));
  return fetched
    .flatMap(({ repository, annotations }) =>
      (annotations[IMAGES_ANNOTATION] ?? "")
        .split(",")
        .filter((text) => text !== "")
        .map((text) =>
          imageOf(readImage(text, `annotation ${IMAGES_ANNOTATION} of ${repository}`), true),
        ),
    )
    .filter(({ repository }) => !chosen.has(repository));
}

function readImage(text: string, where: string): Reference {
  try {
    return parseReference(`oci://${text}`);
  } catch (cause) {
    throw new DeployError(
      "DEPLOY_IMAGE_INVALID",
      `Cannot carry image ${JSON.stringify(text)} of ${where}: it is no reference of an image`,
      { hint: "An image is named like registry.example.com/team/app:1.2.3", cause },
    );
  }
}

/** Without a tag and a digest, an image is its tag `latest`. */
function imageOf(reference: Reference, isOptional: boolean): NeededArtifact {
  const { host, repository, digest } = reference;
  const tag = reference.tag ?? (digest === undefined ? "latest" : undefined);
  return { role: "image", repository: `${host}/${repository}`, tag, digest, isOptional };
}

const roles = ["module", "dependency", "image"] as const;

/** Each once, modules first, by name; of what is needed in two ways, the first counts. */
function distinct(artifacts: readonly NeededArtifact[]): NeededArtifact[] {
  const found = new Map<string, NeededArtifact>();
  for (const artifact of artifacts) {
    const { repository, tag = "", digest = "" } = artifact;
    const name = `${repository}:${tag}@${digest}`;
    if (!found.has(name)) found.set(name, artifact);
  }
  const sorted = [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, artifact]) => artifact);
  return roles.flatMap((role) => sorted.filter((artifact) => artifact.role === role));
}
