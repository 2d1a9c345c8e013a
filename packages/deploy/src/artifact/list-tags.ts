import { digestsOf } from "../source/list-tags.ts";
import { latestTag } from "../source/module-version.ts";
import { type RegistryContext, openRepository } from "../source/open-registry.ts";
import { type TagFilter, tagFilter } from "./tag-filter.ts";

/** Which tags to list. */
export interface ListTagsRequest {
  /** `oci://registry/repository`. */
  readonly url: string;
  readonly filter: TagFilter;
  /** The most tags to return; 0 for all. */
  readonly limit: number;
  readonly withDigest: boolean;
  readonly creds?: string | undefined;
}

/** A tag of an artifact. */
export interface ArtifactTag {
  /** `oci://registry/repository`. */
  readonly repository: string;
  readonly tag: string;
  readonly digest?: string | undefined;
}

/**
 * Lists the tags of a repository: `latest` where there is one, then the others in descending order of
 * their bytes.
 *
 * @returns the tags, and how many there are without the limit
 * @throws DeployError `DEPLOY_FILTER_INVALID`
 * @throws OciError as `Registry.listTags`
 */
export async function listArtifactTags(
  context: RegistryContext,
  request: ListTagsRequest,
): Promise<{ tags: ArtifactTag[]; total: number }> {
  const { signal } = context;
  const isWanted = tagFilter(request.filter);
  await using open = openRepository(context, request.url, request.creds);
  const { repository } = open.reference;
  const found: string[] = [];
  for await (const tag of open.registry.listTags(repository, { signal })) {
    if (isWanted(tag)) found.push(tag);
  }
  found.sort(latestFirst);
  const shown = request.limit === 0 ? found : found.slice(0, request.limit);
  const digests = request.withDigest ? await digestsOf(context, open, shown) : [];
  const tags = shown.map((tag, index) => ({
    repository: open.name,
    tag,
    ...(request.withDigest && { digest: digests[index] }),
  }));
  return { tags, total: found.length };
}

/** Tags are ASCII: the order of their texts is that of their bytes. */
function latestFirst(a: string, b: string): number {
  if (a === latestTag || b === latestTag) return a === latestTag ? -1 : 1;
  return a < b ? 1 : -1;
}
