import { type Digest, isDigest } from "@tenon/core";

import { checkDigest } from "../content/verify.ts";
import { OciError, foreignText } from "../errors.ts";
import { parseManifest } from "../manifest.ts";
import { IMAGE_MANIFEST } from "../media-types.ts";
import type { CallOptions, Descriptor, Manifest, Registry } from "../registry.ts";
import type { Annotations } from "./annotations.ts";
import {
  CONFIG_MEDIA_TYPE,
  CONTENT_MEDIA_TYPE,
  CONTENT_TYPE_ANNOTATION,
  REVISION_ANNOTATION,
  VERSION_ANNOTATION,
} from "./constants.ts";

/** What in a repository to fetch. Of a tag and a digest together, the tag must point to the digest. */
export interface ArtifactRef {
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}

/** A layer of a fetched artifact. */
export interface FetchedLayer extends Descriptor {
  /** What the layer holds, empty if it does not say. */
  readonly contentType: string;
}

/** A fetched manifest of a module or artifact. */
export interface FetchedArtifact {
  /** Digest of the bytes that were received. */
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly annotations: Annotations;
  /** From the annotations; empty if they have none. */
  readonly version: string;
  /** Layers with the content media type, in the order of the manifest. Others are left out. */
  readonly layers: readonly FetchedLayer[];
}

/**
 * Fetches the manifest of a module or artifact; `latest` where there is neither tag nor digest.
 *
 * @throws OciError `OCI_MANIFEST_UNKNOWN`, `OCI_UNSUPPORTED_MEDIA_TYPE`, `OCI_LAYER_MISSING`,
 * `OCI_DIGEST_MISMATCH`
 */
export async function fetchArtifact(
  registry: Registry,
  ref: ArtifactRef,
  options: CallOptions = {},
): Promise<FetchedArtifact> {
  const reference = ref.tag ?? ref.digest ?? "latest";
  const manifest = await registry.readManifest(ref.repository, reference, options);
  const name = `${ref.repository}${isDigest(reference) ? "@" : ":"}${reference}`;
  const { digest, mediaType } = manifest.descriptor;
  if (ref.digest !== undefined) checkDigest(digest, ref.digest, `artifact ${name}`);
  const parsed = parseManifest(manifest.bytes);
  if (mediaType !== IMAGE_MANIFEST) throw unsupported(name, "manifest", mediaType, IMAGE_MANIFEST);
  const configType = parsed.config?.mediaType ?? "";
  if (configType !== CONFIG_MEDIA_TYPE)
    throw unsupported(name, "artifact", configType, CONFIG_MEDIA_TYPE);
  const annotations = parsed.annotations ?? {};
  const layers = parsed.layers.filter((layer) => layer.mediaType === CONTENT_MEDIA_TYPE);
  if (layers.length === 0) {
    const message = `Cannot use ${name}: it has no layer with media type ${CONTENT_MEDIA_TYPE}`;
    throw new OciError("OCI_LAYER_MISSING", message);
  }
  return {
    digest,
    manifest,
    annotations,
    version: annotations[VERSION_ANNOTATION] ?? annotations[REVISION_ANNOTATION] ?? "",
    layers: layers.map((layer) => ({
      ...layer,
      contentType: layer.annotations?.[CONTENT_TYPE_ANNOTATION] ?? "",
    })),
  };
}

function unsupported(name: string, what: string, actual: string, expected: string): OciError {
  const shown = JSON.stringify(foreignText(actual));
  return new OciError(
    "OCI_UNSUPPORTED_MEDIA_TYPE",
    `Cannot use ${name}: unsupported ${what} type ${shown}, must be ${expected}`,
    { hint: "It was not pushed as a module or artifact", details: { actual, expected } },
  );
}
