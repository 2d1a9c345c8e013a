import pMap from "p-map";
import semver from "semver";

import type { DeployContext } from "../context.ts";
import { isStrict, latestTag } from "../source/module-version.ts";
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
  const tags: string[] = [];
  for await (const tag of open.registry.listTags(repository, { signal })) tags.push(tag);
  const sorted = tags.filter(isStrict).toSorted(semver.rcompare);
  const shown = request.limit === 0 ? sorted : sorted.slice(0, request.limit);
  const listed = [...tags.filter((tag) => tag === latestTag), ...shown];
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
  return { versions, total: sorted.length };
}
