import type { Digest } from "@tenon/core";

import { parseManifest } from "../manifest.ts";
import { EMPTY_JSON } from "../media-types.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import { parseBundle } from "./bundle.ts";
import type { FoundSignature, SignatureCandidate } from "./found-signature.ts";
import { MAX_REFERRERS } from "./limits.ts";
import { BUNDLE_MEDIA_TYPE_PREFIX, PREDICATE_TYPE_ANNOTATION } from "./media-types.ts";
import { readSmallBlob } from "./read-small-blob.ts";
import { Rejection } from "./rejection.ts";

/** What to look for: statements of a type about an artifact. */
export interface Wanted {
  readonly repository: string;
  /** Of the artifact. */
  readonly digest: Digest;
  readonly predicateType: string;
}

/** Lists the referrers of an artifact that may carry a sigstore bundle. */
export async function findBundles(
  registry: Registry,
  wanted: Wanted,
  options: CallOptions,
): Promise<SignatureCandidate[]> {
  const { repository, digest } = wanted;
  const candidates: SignatureCandidate[] = [];
  let listed = 0;
  for await (const referrer of registry.listReferrers(repository, digest, options)) {
    if (++listed > MAX_REFERRERS) break;
    if (!mayCarryBundle(referrer)) continue;
    candidates.push({
      format: "bundle",
      digest: referrer.digest,
      open: () => openBundle(registry, wanted, referrer, options),
    });
  }
  return candidates;
}

/** Lists that clients keep under a tag can lack the type, or have that of the config in its place. */
function mayCarryBundle({ artifactType = EMPTY_JSON }: Descriptor): boolean {
  return artifactType === EMPTY_JSON || artifactType.startsWith(BUNDLE_MEDIA_TYPE_PREFIX);
}

async function openBundle(
  registry: Registry,
  wanted: Wanted,
  { digest, artifactType = EMPTY_JSON }: Descriptor,
  options: CallOptions,
): Promise<FoundSignature | undefined> {
  const { repository } = wanted;
  const { bytes } = await registry.readManifest(repository, digest, options);
  const { layers, annotations } = parseManifest(bytes);
  const type = annotations?.[PREDICATE_TYPE_ANNOTATION] ?? wanted.predicateType;
  if (type !== wanted.predicateType) return undefined;
  const [layer] = layers;
  if (layers.length !== 1 || !layer?.mediaType.startsWith(BUNDLE_MEDIA_TYPE_PREFIX)) {
    if (artifactType === EMPTY_JSON) return undefined;
    throw new Rejection("its manifest does not hold one bundle");
  }
  const parsed = parseBundle(await readSmallBlob(registry, repository, layer, options), wanted);
  return parsed && { ...parsed, digest };
}
