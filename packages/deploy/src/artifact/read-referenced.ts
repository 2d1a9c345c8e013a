import { type Manifest, OciError, formatReference } from "@tenon/oci";

import { latestTag } from "../source/module-version.ts";
import type { OpenRegistry, RegistryContext } from "../source/open-registry.ts";

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
