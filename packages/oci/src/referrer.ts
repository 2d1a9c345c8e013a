import { type Digest, digestAlgorithm, digestHex } from "@tenon/core";

import type { ParsedManifest } from "./manifest.ts";
import type { Descriptor } from "./registry.ts";

/** The descriptor under which a manifest stands in a list of referrers. */
export function referrerDescriptor(descriptor: Descriptor, parsed: ParsedManifest): Descriptor {
  const artifactType = parsed.artifactType ?? parsed.config?.mediaType;
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    ...(artifactType !== undefined && { artifactType }),
    ...(parsed.annotations !== undefined && { annotations: parsed.annotations }),
  };
}

/** The tag that lists referrers where a registry has no API for that; 64 digits of a digest stand in it. */
export function referrersTag(subject: Digest): string {
  return `${digestAlgorithm(subject)}-${digestHex(subject).slice(0, 64)}`;
}
