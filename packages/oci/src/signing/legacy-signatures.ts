import { type Digest, hasCode } from "@tenon/core";

import { type ParsedManifest, parseManifest } from "../manifest.ts";
import { isTag } from "../reference.ts";
import { referrersTag } from "../referrer.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import { base64 } from "./foreign-json.ts";
import type { FoundSignature, SignatureCandidate } from "./found-signature.ts";
import { legacyBundle } from "./legacy-bundle.ts";
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING_MEDIA_TYPE } from "./media-types.ts";
import { readSmallBlob } from "./read-small-blob.ts";
import { checkSimpleSigning } from "./simple-signing.ts";

/** Where cosign keeps the signatures of an artifact in its older format. */
export function signatureTag(digest: Digest): string {
  return `${referrersTag(digest)}.sig`;
}

/** The manifest with the signatures of an artifact in cosign's older format. */
export interface LegacyManifest {
  readonly digest: Digest;
  readonly parsed: ParsedManifest;
}

/**
 * Reads the signatures of an artifact in cosign's older format, if there are any.
 *
 * @throws OciError as {@link Registry.readManifest}
 */
export async function readLegacyManifest(
  registry: Registry,
  repository: string,
  digest: Digest,
  options: CallOptions,
): Promise<LegacyManifest | undefined> {
  const tag = signatureTag(digest);
  if (!isTag(tag)) return undefined;
  try {
    const { descriptor, bytes } = await registry.readManifest(repository, tag, options);
    return { digest: descriptor.digest, parsed: parseManifest(bytes) };
  } catch (error) {
    if (hasCode(error, "OCI_MANIFEST_UNKNOWN", "OCI_NAME_UNKNOWN")) return undefined;
    throw error;
  }
}

/** Lists the signatures of an artifact in cosign's older format. */
export async function findLegacySignatures(
  registry: Registry,
  repository: string,
  digest: Digest,
  options: CallOptions,
): Promise<SignatureCandidate[]> {
  const manifest = await readLegacyManifest(registry, repository, digest, options);
  if (manifest === undefined) return [];
  const { digest: carrier, parsed } = manifest;
  const open = async (layer: Descriptor): Promise<FoundSignature> => {
    const payload = await readSmallBlob(registry, repository, layer, options);
    checkSimpleSigning(payload, digest);
    return {
      format: "legacy",
      digest: carrier,
      message: payload,
      signature: base64(layer.annotations?.[SIGNATURE_ANNOTATION]),
      bundle: legacyBundle(payload, layer.annotations ?? {}),
    };
  };
  return parsed.layers
    .filter(({ mediaType }) => mediaType === SIMPLE_SIGNING_MEDIA_TYPE)
    .map((layer) => ({ format: "legacy", digest: carrier, open: () => open(layer) }));
}
