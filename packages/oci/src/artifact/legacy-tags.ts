import type { Digest } from "@tenon/core";

import { parseManifest } from "../manifest.ts";
import { isTag } from "../reference.ts";
import { referrersTag } from "../referrer.ts";
import type { Manifest } from "../registry.ts";
import { SIGNATURE_ANNOTATION } from "../signing/media-types.ts";

const kinds = ["sig", "att", "sbom"] as const;

/**
 * The tags under which cosign kept signatures, attestations and bills of materials of a manifest before
 * there were referrers: `sha256-HEX.sig`, `.att` and `.sbom`.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export function legacyTags(digest: Digest): readonly string[] {
  return kinds.map((kind) => `${referrersTag(digest)}.${kind}`).filter(isTag);
}

/** Tells whether a tag is one of {@link legacyTags} of some manifest. */
export function isLegacyTag(tag: string): boolean {
  return /^sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{128})\.(?:sig|att|sbom)$/.test(tag);
}

/**
 * Tells whether one manifest of a legacy tag has all that another one has: cosign adds a layer for each
 * signature, so nothing is lost when it takes the tag.
 */
export function includesSignatures(manifest: Manifest, other: Manifest): boolean {
  const known = new Set(signaturesIn(manifest));
  return signaturesIn(other).every((signature) => known.has(signature));
}

/** What several keys have signed is one blob: the annotation tells their signatures apart. */
function signaturesIn({ bytes }: Manifest): readonly string[] {
  const { layers } = parseManifest(bytes);
  return layers.map(({ digest, annotations }) => {
    return JSON.stringify([digest, annotations?.[SIGNATURE_ANNOTATION]]);
  });
}
