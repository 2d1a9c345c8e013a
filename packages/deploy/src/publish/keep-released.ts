import type { Digest } from "@tenon/core";
import { hasCode } from "@tenon/core";

import { DeployError } from "../errors.ts";
import { isReleased } from "../source/module-version.ts";
import type { OpenRegistry, RegistryContext } from "../source/open-registry.ts";

/**
 * Fails when a tag is a released version, such as `1.2.3` or `v1.2.3`, and points to another content. Registries
 * have no lock: of two runs at once both may find the tag free.
 *
 * @returns what was found out about the tags on the way
 * @throws DeployError `DEPLOY_VERSION_RELEASED`
 * @throws OciError as `Registry.resolveManifest`
 */
export async function keepReleased(
  { signal }: RegistryContext,
  { name, reference, registry }: OpenRegistry,
  tags: readonly string[],
  digest: Digest,
): Promise<ReadonlyMap<string, Digest>> {
  const tagged = new Map<string, Digest>();
  for (const tag of tags.filter(isReleased)) {
    const found = await registry.resolveManifest(reference.repository, tag, { signal }).then(
      (descriptor) => descriptor.digest,
      (error: unknown) => {
        if (hasCode(error, "OCI_MANIFEST_UNKNOWN", "OCI_NAME_UNKNOWN")) return undefined;
        throw error;
      },
    );
    if (found === undefined) continue;
    if (found !== digest) throw released(`${name}:${tag}`, found, digest);
    tagged.set(tag, found);
  }
  return tagged;
}

function released(url: string, found: Digest, digest: Digest): DeployError {
  return new DeployError(
    "DEPLOY_VERSION_RELEASED",
    `Cannot move ${url} to ${digest}: it is released, with ${found}`,
    {
      hint: "Publish it under a new version, or give --overwrite",
      details: { url, released: found, digest },
    },
  );
}
