import { type Digest, digestAlgorithm, digestHex } from "@tenon/core";

import { parseManifest } from "../manifest.ts";
import type { Manifest } from "../registry.ts";

const kinds = ["sig", "att", "sbom"] as const;

/**
 * The tags under which cosign kept signatures, attestations and bills of materials of a manifest before
 * there were referrers: `sha256-HEX.sig`, `.att` and `.sbom`.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export function legacyTags(digest: Digest): readonly string[] {
  const stem = `${digestAlgorithm(digest)}-${digestHex(digest)}`;
  return kinds.map((kind) => `${stem}.${kind}`).filter((tag) => tag.length <= 128);
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
  const known = new Set(layersOf(manifest));
  return layersOf(other).every((digest) => known.has(digest));
}

function layersOf({ bytes }: Manifest): readonly Digest[] {
  return parseManifest(bytes).layers.map(({ digest }) => digest);
}
