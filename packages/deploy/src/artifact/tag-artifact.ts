import { parseTag } from "@tenon/oci";

import { keepReleased } from "../publish/keep-released.ts";
import { needNetwork } from "../source/offline-registry.ts";
import { type RegistryContext, openTarget } from "../source/open-registry.ts";
import { readReferenced } from "./read-referenced.ts";

/** An artifact, and the tags that it is to have. */
export interface TagRequest {
  /** `oci://registry/repository`, with a tag or a digest; `latest` unless given. */
  readonly url: string;
  readonly tags: readonly string[];
  /** Move tags of released versions. */
  readonly overwrite?: boolean | undefined;
  readonly creds?: string | undefined;
}

/**
 * Gives further tags to an artifact.
 *
 * @returns `oci://registry/repository`, and the digest of the artifact
 * @throws DeployError `DEPLOY_VERSION_RELEASED`
 * @throws OciError as `Registry.readManifest` and `Registry.pushManifest`
 */
export async function tagArtifact(
  context: RegistryContext,
  request: TagRequest,
): Promise<{ repository: string; digest: string }> {
  needNetwork(context, `tag ${request.url}`);
  const tags = request.tags.map(parseTag);
  const { signal } = context;
  await using open = openTarget(context, request.url, request.creds);
  const { descriptor, bytes } = await readReferenced(context, open);
  const { digest, mediaType } = descriptor;
  if (request.overwrite !== true) await keepReleased(context, open, tags, digest);
  const { repository } = open.reference;
  await open.registry.pushManifest(repository, { mediaType, bytes }, { tags, signal });
  return { repository: open.name, digest };
}
