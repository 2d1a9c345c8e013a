import semver from "semver";

import type { DeployContext } from "../context.ts";
import { isStrict, latestTag } from "./module-version.ts";
import type { OpenRegistry } from "./open-registry.ts";

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
  { signal }: DeployContext,
  { registry, reference }: OpenRegistry,
): Promise<ModuleTags> {
  const tags: string[] = [];
  for await (const tag of registry.listTags(reference.repository, { signal })) tags.push(tag);
  return {
    versions: tags.filter(isStrict).toSorted(semver.rcompare),
    hasLatest: tags.includes(latestTag),
  };
}
