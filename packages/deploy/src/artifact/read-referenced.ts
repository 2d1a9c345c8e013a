import {
  type ArtifactRef,
  type Manifest,
  OciError,
  type Reference,
  formatReference,
} from "@tenon/oci";

import { latestTag } from "../source/module-version.ts";
import type { OpenRegistry, RegistryContext } from "../source/open-registry.ts";

/** What in a repository a reference means: `latest` where it has neither a tag nor a digest. */
export function referenced({ repository, tag, digest }: Reference): ArtifactRef {
  return { repository, tag: tag ?? (digest === undefined ? latestTag : undefined), digest };
}

/**
 * Reads the manifest that a reference means: that of its tag, its digest, or `latest`. Of a tag and a
 * digest together, the tag must point to the digest.
 *
 * @throws OciError `OCI_DIGEST_MISMATCH`, and as `Registry.readManifest`
 */
export async function readReferenced(
  { signal }: RegistryContext,
  { registry, reference }: OpenRegistry,
): Promise<Manifest> {
  const { repository, tag, digest } = reference;
  const manifest = await registry.readManifest(repository, tag ?? digest ?? latestTag, { signal });
  const found = manifest.descriptor.digest;
  if (digest === undefined || digest === found) return manifest;
  throw new OciError(
    "OCI_DIGEST_MISMATCH",
    `Cannot use ${formatReference(reference)}: the tag points to ${found}`,
    { hint: "The tag was moved: look at what it points to now", details: { found } },
  );
}
