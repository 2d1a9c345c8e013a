import { type Digest, sha256 } from "@tenon/core";

import { computeDigest } from "./content/compute-digest.ts";
import { checkDigest } from "./content/verify.ts";
import { tooLarge } from "./content/web-stream.ts";
import { OciError } from "./errors.ts";
import { type ParsedManifest, parseManifest } from "./manifest.ts";
import { DOCKER_MANIFEST_LIST, IMAGE_INDEX, isForeignLayer } from "./media-types.ts";
import { type Descriptor, MAX_MANIFEST_BYTES } from "./registry.ts";

/** What a manifest is checked against. */
export interface Demands {
  /** Tells whether the repository holds a blob. */
  hasBlob(digest: Digest): Promise<boolean>;
  /** The digest that the manifest must have; its sha256 digest by default. */
  readonly digest: Digest | undefined;
}

/**
 * Checks a manifest before a store takes it: size, digest, form, and that all that it names is there.
 *
 * @throws OciError `OCI_TOO_LARGE`, `OCI_DIGEST_MISMATCH`, `OCI_MANIFEST_INVALID`, `OCI_BLOB_UNKNOWN`
 */
export async function checkManifest(
  repository: string,
  manifest: { readonly mediaType: string; readonly bytes: Uint8Array },
  demands: Demands,
): Promise<Descriptor> {
  const { bytes, mediaType } = manifest;
  if (bytes.byteLength > MAX_MANIFEST_BYTES) throw tooLarge("manifest", MAX_MANIFEST_BYTES);
  const digest = demands.digest ?? sha256(bytes);
  checkDigest(computeDigest(bytes, digest), digest, `manifest for ${repository}`);
  const parsed = parseManifest(bytes);
  if (parsed.mediaType !== undefined && parsed.mediaType !== mediaType) {
    throw new OciError(
      "OCI_MANIFEST_INVALID",
      `Cannot push manifest to ${repository}: it says that it is ${parsed.mediaType}, and was sent as ${mediaType}`,
    );
  }
  for (const missing of await missingOf(mediaType, parsed, demands)) {
    throw new OciError(
      "OCI_BLOB_UNKNOWN",
      `Cannot push manifest to ${repository}: ${missing} is missing there`,
      { hint: "Push what a manifest names before the manifest", details: { digest: missing } },
    );
  }
  return { mediaType, digest, size: bytes.byteLength };
}

async function missingOf(
  mediaType: string,
  parsed: ParsedManifest,
  demands: Pick<Demands, "hasBlob">,
): Promise<Digest[]> {
  const missing: Digest[] = [];
  const isIndex = mediaType === IMAGE_INDEX || mediaType === DOCKER_MANIFEST_LIST;
  // An index may be sparse: registries take one whose manifests they do not hold.
  const parts = isIndex ? [] : [parsed.config ?? [], parsed.layers].flat();
  for (const { digest, mediaType: type } of parts) {
    if (isForeignLayer(type)) continue;
    if (!(await demands.hasBlob(digest))) missing.push(digest);
  }
  return missing;
}
