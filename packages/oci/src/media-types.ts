/** Media type of an OCI image manifest. */
export const IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json" as const;
/** Media type of an OCI image index. */
export const IMAGE_INDEX = "application/vnd.oci.image.index.v1+json" as const;
/** Media type of the config of an OCI image. */
export const IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json" as const;
/** Media type of a layer of an OCI image. */
export const IMAGE_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip" as const;
/** Media type of a Docker image manifest. */
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json" as const;
/** Media type of a Docker manifest list. */
export const DOCKER_MANIFEST_LIST =
  "application/vnd.docker.distribution.manifest.list.v2+json" as const;
/** Media type of the empty JSON blob `{}`. */
export const EMPTY_JSON = "application/vnd.oci.empty.v1+json" as const;

/** The manifests that this package reads, in order of preference. */
export const MANIFEST_TYPES: readonly string[] = [
  IMAGE_MANIFEST,
  IMAGE_INDEX,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
];

/** Tells whether a layer is kept by somebody else, and not by the registry. */
export function isForeignLayer(mediaType: string): boolean {
  return mediaType.includes("foreign") || mediaType.includes("nondistributable");
}
