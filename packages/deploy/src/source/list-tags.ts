import pMap from "p-map";
import semver from "semver";

import { isStrict, latestTag } from "./module-version.ts";
import type { OpenRegistry, RegistryContext } from "./open-registry.ts";

/** The tags in the repository of a module that name its versions. */
export interface ModuleTags {
  /** Semantic versions, newest first. */
  readonly versions: readonly string[];
  readonly hasLatest: boolean;
}

/**
 * Lists the tags of a module's repository.
 *
 * @throws OciError as `Registry.listTags`
 */
export async function listTags(
  { signal }: RegistryContext,
  { registry, reference }: OpenRegistry,
): Promise<ModuleTags> {
  const tags: string[] = [];
  for await (const tag of registry.listTags(reference.repository, { signal })) tags.push(tag);
  return {
    versions: tags.filter(isStrict).toSorted(semver.rcompare),
    hasLatest: tags.includes(latestTag),
  };
}

/**
 * Asks for the digests that tags point to, in their order.
 *
 * @throws OciError as `Registry.resolveManifest`
 */
export async function digestsOf(
  { signal }: RegistryContext,
  { registry, reference }: OpenRegistry,
  tags: readonly string[],
): Promise<string[]> {
  const digestOf = async (tag: string): Promise<string> =>
    (await registry.resolveManifest(reference.repository, tag, { signal })).digest;
  return pMap(tags, digestOf, { concurrency: 8 });
}
