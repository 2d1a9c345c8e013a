import { type Digest, hasCode } from "@tenon/core";
import { OciError, parseReference } from "@tenon/oci";
import pMap from "p-map";

import { needNetwork } from "../source/offline-registry.ts";
import { type OpenRegistry, type RegistryContext, openTarget } from "../source/open-registry.ts";
import type { ArtifactRequest } from "./inspect-artifact.ts";

/** What a deletion would take away. */
export interface Deletion {
  /** `oci://registry/repository:tag`, or with the digest. */
  readonly url: string;
  /** `oci://registry/repository`. */
  readonly repository: string;
  /** The tag to delete; the manifest stays. */
  readonly tag?: string | undefined;
  readonly digest: string;
  /** Tags that go with the manifest. */
  readonly tags: readonly string[];
  /** Digests of manifests that refer to what goes, and stay. */
  readonly referrers: readonly string[];
}

/**
 * Finds out what the deletion of a reference would take away.
 *
 * @throws OciError `OCI_REFERENCE_INVALID` where the URL does not have either a tag or a digest, and as
 * `Registry.resolveManifest`, `Registry.listTags` and `Registry.listReferrers`
 */
export async function planDeletion(
  context: RegistryContext,
  { url, creds }: ArtifactRequest,
): Promise<Deletion> {
  const { signal } = context;
  needNetwork(context, `delete ${url}`);
  const wanted = tagOrDigest(url);
  await using open = openTarget(context, url, creds);
  const { repository, tag } = open.reference;
  const { digest } = await open.registry.resolveManifest(repository, wanted, { signal });
  const common = { url, repository: open.name, tag, digest };
  if (tag !== undefined) return { ...common, tags: [], referrers: [] };
  const referrers: string[] = [];
  for await (const found of open.registry.listReferrers(repository, digest, { signal })) {
    referrers.push(found.digest);
  }
  return { ...common, tags: await tagsOf(context, open, digest), referrers };
}

/**
 * Deletes a tag and leaves the manifest, or deletes a manifest with all its tags. What refers to it
 * stays, and blobs are the registry's to clean up.
 *
 * @throws OciError `OCI_UNSUPPORTED` where the registry does not delete, and as {@link planDeletion}
 */
export async function deleteArtifact(
  context: RegistryContext,
  { url, creds }: ArtifactRequest,
): Promise<void> {
  const { signal } = context;
  tagOrDigest(url);
  await using open = openTarget(context, url, creds);
  const { registry, reference } = open;
  const { repository, tag, digest } = reference;
  try {
    if (tag !== undefined) await registry.deleteTag(repository, tag, { signal });
    else if (digest !== undefined) await registry.deleteManifest(repository, digest, { signal });
  } catch (error) {
    if (!hasCode(error, "OCI_UNSUPPORTED")) throw error;
    const hint =
      tag === undefined
        ? "Deleting may be switched off in the configuration of the registry"
        : `Delete the artifact with all its tags: tenon artifact digest ${url} tells its digest`;
    throw new OciError("OCI_UNSUPPORTED", error.message, { hint, cause: error });
  }
}

/** What is to be deleted is never guessed. */
function tagOrDigest(url: string): string {
  const { tag, digest } = parseReference(url);
  const wanted = tag ?? digest;
  if (wanted !== undefined && (tag === undefined || digest === undefined)) return wanted;
  const why = wanted === undefined ? "it has no tag and no digest" : "it has a tag and a digest";
  throw new OciError("OCI_REFERENCE_INVALID", `Cannot delete ${url}: ${why}`, {
    hint: "Name what is to go: oci://registry/repository:tag, or …@sha256:… for all tags of it",
  });
}

async function tagsOf(
  { signal }: RegistryContext,
  { registry, reference }: OpenRegistry,
  digest: Digest,
): Promise<string[]> {
  const { repository } = reference;
  const pointed = async (tag: string): Promise<string[]> => {
    try {
      const found = await registry.resolveManifest(repository, tag, { signal });
      return found.digest === digest ? [tag] : [];
    } catch (error) {
      // It was deleted since the tags were listed.
      if (hasCode(error, "OCI_MANIFEST_UNKNOWN")) return [];
      throw error;
    }
  };
  const found = await pMap(registry.listTags(repository, { signal }), pointed, { concurrency: 8 });
  return found.flat().toSorted();
}
