import type { DeployContext } from "../context.ts";
import { digestsOf, listTags } from "../source/list-tags.ts";
import { latestTag } from "../source/module-version.ts";
import { openRegistry } from "../source/open-registry.ts";

/** One version of a module. */
export interface ModuleVersion {
  readonly repository: string;
  readonly version: string;
  readonly digest?: string | undefined;
}

/**
 * Lists the versions of a module: `latest` where there is one, then semantic versions, newest first.
 *
 * @returns the versions, and how many semantic versions there are without the limit
 * @throws OciError as `Registry.listTags`
 */
export async function listModuleVersions(
  context: DeployContext,
  request: {
    readonly url: string;
    /** The most versions to return; 0 for all. */
    readonly limit: number;
    readonly withDigest: boolean;
    readonly creds?: string | undefined;
  },
): Promise<{ versions: ModuleVersion[]; total: number }> {
  await using open = openRegistry(context, request.url, request.creds);
  const { versions: all, hasLatest } = await listTags(context, open);
  const shown = request.limit === 0 ? all : all.slice(0, request.limit);
  const listed = hasLatest ? [latestTag, ...shown] : shown;
  const digests = request.withDigest ? await digestsOf(context, open, listed) : [];
  const versions = listed.map((version, index) => ({
    repository: open.name,
    version,
    ...(request.withDigest && { digest: digests[index] }),
  }));
  return { versions, total: all.length };
}
