import { type Digest, sha256 } from "@tenon/core";

import { tooLarge } from "./content/web-stream.ts";
import { OciError } from "./errors.ts";
import { type ParsedManifest, parseManifest } from "./manifest.ts";
import { DOCKER_MANIFEST_LIST, IMAGE_INDEX, isForeignLayer } from "./media-types.ts";
import { type Descriptor, MAX_MANIFEST_BYTES } from "./registry.ts";

/** What a repository already holds. */
export interface Holdings {
  hasBlob(digest: Digest): Promise<boolean>;
}

/**
 * Checks a manifest before a store takes it: size, form, and that all that it names is there.
 *
 * @throws OciError `OCI_TOO_LARGE`, `OCI_MANIFEST_INVALID`, `OCI_BLOB_UNKNOWN`
 */
export async function checkManifest(
  repository: string,
  manifest: { readonly mediaType: string; readonly bytes: Uint8Array },
  holdings: Holdings,
): Promise<Descriptor> {
  const { bytes, mediaType } = manifest;
  if (bytes.byteLength > MAX_MANIFEST_BYTES) throw tooLarge("manifest", MAX_MANIFEST_BYTES);
  const parsed = parseManifest(bytes);
  if (parsed.mediaType !== undefined && parsed.mediaType !== mediaType) {
    throw new OciError(
      "OCI_MANIFEST_INVALID",
      `Cannot push manifest to ${repository}: it says that it is ${parsed.mediaType}, and was sent as ${mediaType}`,
    );
  }
  for (const missing of await missingOf(mediaType, parsed, holdings)) {
    throw new OciError(
      "OCI_BLOB_UNKNOWN",
      `Cannot push manifest to ${repository}: ${missing} is missing there`,
      { hint: "Push what a manifest names before the manifest", details: { digest: missing } },
    );
  }
  return { mediaType, digest: sha256(bytes), size: bytes.byteLength };
}

async function missingOf(
  mediaType: string,
  parsed: ParsedManifest,
  holdings: Holdings,
): Promise<Digest[]> {
  const missing: Digest[] = [];
  const isIndex = mediaType === IMAGE_INDEX || mediaType === DOCKER_MANIFEST_LIST;
  // An index may be sparse: registries take one whose manifests they do not hold.
  const parts = isIndex ? [] : [parsed.config ?? [], parsed.layers].flat();
  for (const { digest, mediaType: type } of parts) {
    if (isForeignLayer(type)) continue;
    if (!(await holdings.hasBlob(digest))) missing.push(digest);
  }
  return missing;
}
