import {
  type Annotations,
  CONTENT_TYPE_ANNOTATION,
  type Descriptor,
  parseManifest,
} from "@tenon/oci";

import { type RegistryContext, openRegistry, referenced } from "../source/open-registry.ts";
import { readReferenced } from "./read-referenced.ts";

/** A reference: `oci://registry/repository`, with a tag or a digest; `latest` unless given. */
export interface ArtifactRequest {
  readonly url: string;
  readonly creds?: string | undefined;
}

/** What a reference points to. */
export interface ArtifactId {
  /** `oci://registry/repository`. */
  readonly repository: string;
  /** Nothing where the reference has a digest alone. */
  readonly tag?: string | undefined;
  readonly digest: string;
}

/** What a registry holds under a reference. Sizes are bytes. */
export interface InspectedArtifact extends ArtifactId {
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  /** Of the manifest. */
  readonly size: number;
  readonly annotations: Annotations;
  readonly config?: Descriptor | undefined;
  readonly layers: readonly InspectedLayer[];
  /** What an index lists. */
  readonly manifests: readonly Descriptor[];
  /** What it says something about. */
  readonly subject?: Descriptor | undefined;
  /** What says something about it. */
  readonly referrers: readonly Descriptor[];
}

/** A layer of a manifest. */
export interface InspectedLayer extends Descriptor {
  /** What it says that it holds. */
  readonly contentType?: string | undefined;
}

/**
 * Finds the digest of an artifact, with its manifest at hand.
 *
 * @throws OciError as `Registry.readManifest`
 */
export async function resolveArtifact(
  context: RegistryContext,
  { url, creds }: ArtifactRequest,
): Promise<ArtifactId> {
  await using open = openRegistry(context, url, creds);
  const { descriptor } = await readReferenced(context, open);
  return { repository: open.name, tag: referenced(open.reference).tag, digest: descriptor.digest };
}

/**
 * Reads the manifest of an artifact, and lists what refers to it.
 *
 * @throws OciError as `Registry.readManifest` and `Registry.listReferrers`
 */
export async function inspectArtifact(
  context: RegistryContext,
  { url, creds }: ArtifactRequest,
): Promise<InspectedArtifact> {
  const { signal } = context;
  await using open = openRegistry(context, url, creds);
  const { registry, reference } = open;
  const { descriptor, bytes } = await readReferenced(context, open);
  const { digest, mediaType, size } = descriptor;
  const parsed = parseManifest(bytes);
  const referrers: Descriptor[] = [];
  for await (const referrer of registry.listReferrers(reference.repository, digest, { signal })) {
    referrers.push(referrer);
  }
  return {
    repository: open.name,
    tag: referenced(reference).tag,
    digest,
    mediaType,
    artifactType: parsed.artifactType,
    size,
    annotations: parsed.annotations ?? {},
    config: parsed.config,
    layers: parsed.layers.map((layer) => ({
      ...layer,
      contentType: layer.annotations?.[CONTENT_TYPE_ANNOTATION],
    })),
    manifests: parsed.manifests,
    subject: parsed.subject,
    referrers,
  };
}
