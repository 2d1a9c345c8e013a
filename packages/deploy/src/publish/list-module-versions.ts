import pMap from "p-map";

import type { DeployContext } from "../context.ts";
import { listTags } from "../source/list-tags.ts";
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
  const { signal } = context;
  await using open = openRegistry(context, request.url, request.creds);
  const { repository } = open.reference;
  const { versions: all, hasLatest } = await listTags(context, open);
  const shown = request.limit === 0 ? all : all.slice(0, request.limit);
  const listed = hasLatest ? [latestTag, ...shown] : shown;
  const digestOf = async (tag: string): Promise<string> =>
    (await open.registry.resolveManifest(repository, tag, { signal })).digest;
  const versions = await pMap(
    listed,
    async (version) => ({
      repository: open.name,
      version,
      ...(request.withDigest && { digest: await digestOf(version) }),
    }),
    { concurrency: 8 },
  );
  return { versions, total: all.length };
}
