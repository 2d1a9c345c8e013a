import type { Position } from "@tenon/core";
import type { BundleInstance } from "@tenon/schema";
import pMap from "p-map";

import { once } from "../bundle/once.ts";
import { type BundleRequest, type OpenedBundle, openBundle } from "../bundle/open-bundle.ts";
import type { DeployContext } from "../context.ts";
import { lockKey } from "../lock/lock-key.ts";
import { withLock } from "../lock/with-lock.ts";
import { type ModuleTags, listTags } from "../source/list-tags.ts";
import { isStrict, latestTag, rangeOf } from "../source/module-version.ts";
import { openRegistry } from "../source/open-registry.ts";
import { newerVersions } from "./newer-versions.ts";

const parallelModules = 8;

/** Which bundle, and which of its instances. */
export interface OutdatedRequest extends BundleRequest {
  /** Pre-releases count. */
  readonly pre?: boolean | undefined;
}

/** The versions that the module of an instance has, and could have. */
export interface ModuleState {
  readonly instance: string;
  /** `oci://registry/repository`. */
  readonly module: string;
  /** What the bundle asks for: a version, a range or `latest`. */
  readonly asked: string;
  /** What the lock file has, else what is asked for means now. */
  readonly current: string;
  /** The newest in the range, or the newest that is compatible with a single version. */
  readonly wanted: string;
  /** The newest of all. */
  readonly latest: string;
  readonly isOutdated: boolean;
  /** Where the bundle asks for it. */
  readonly position?: Position | undefined;
}

/**
 * Tells which versions the modules of a bundle have, and which they could have. Modules in folders have
 * none and are left out.
 *
 * @throws SchemaError, DeployError as `openBundle`; OciError as `Registry.listTags`;
 * DeployError `DEPLOY_VERSION_INVALID`
 */
export async function findOutdated(
  unlocked: DeployContext,
  request: OutdatedRequest,
): Promise<readonly ModuleState[]> {
  const context = await withLock(unlocked, request);
  const opened = await openBundle(context, request);
  return moduleStates(context, instancesOf(opened), request);
}

/** The instances with modules of registries, each once for all the clusters on which it is the same. */
export function instancesOf(opened: readonly OpenedBundle[]): readonly BundleInstance[] {
  const instances = opened
    .flatMap(({ bundle }) => bundle.instances)
    .filter(({ module }) => module.url.startsWith("oci://"));
  return [
    ...new Map(instances.map((one) => [JSON.stringify([one.name, one.module]), one])).values(),
  ];
}

/** The states of the modules of instances; each repository is listed once. */
export async function moduleStates(
  context: DeployContext,
  instances: readonly BundleInstance[],
  { creds, pre }: Pick<OutdatedRequest, "creds" | "pre">,
): Promise<readonly ModuleState[]> {
  const listed = new Map<string, Promise<ModuleTags>>();
  const list = async (url: string): Promise<ModuleTags> => {
    await using open = openRegistry(context, url, creds);
    return await listTags(context, open);
  };
  return pMap(
    instances,
    async ({ name: instance, module: asking, modulePosition: position }) => {
      const key = lockKey(asking);
      const asked = asking.version;
      const { versions } = await once(listed, key.module, () => list(key.module));
      const current = context.lock?.findModule(key)?.version ?? meant(asked, versions);
      const newer = newerVersions({ asked, current }, versions, { pre });
      const isOutdated = newer.wanted !== current || newer.latest !== current;
      return { instance, module: key.module, asked, current, ...newer, isOutdated, position };
    },
    { concurrency: parallelModules },
  );
}

/** The version that is got without a lock file. */
function meant(asked: string, versions: readonly string[]): string {
  if (asked === latestTag) return versions.find((one) => !one.includes("-")) ?? latestTag;
  const range = rangeOf(asked);
  if (range === undefined) return asked;
  return versions.find((one) => isStrict(one) && range.test(one)) ?? "";
}
