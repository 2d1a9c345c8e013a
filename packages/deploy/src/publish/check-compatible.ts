import { type Diagnostic, formatRef, hasCode } from "@tenon/core";
import semver from "semver";

import { type Bump, bumpBetween, bumpFor, bumped, isEnough } from "../compare/bump.ts";
import { type ModuleDifference, compareModules, impactsOf } from "../compare/compare-modules.ts";
import type { ValuesSample } from "../compare/read-corpus.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { listTags } from "../source/list-tags.ts";
import { openModule } from "../source/open-module.ts";
import type { OpenRegistry } from "../source/open-registry.ts";
import type { PackedModule } from "./pack-module.ts";

/** What is about to be published. */
export interface CompatibilityRequest {
  readonly packed: PackedModule;
  readonly samples: readonly ValuesSample[];
  readonly creds?: string | undefined;
}

/** How a version goes on from the one before it. */
export interface Compatibility {
  /** The stable version that it was compared with. */
  readonly comparedWith: string;
  readonly bump: Bump;
  /** The bump that its changes ask for, which may be larger where nothing breaks. */
  readonly suggestedBump: Bump;
}

/**
 * Compares a module with the newest stable version in a repository that is not newer than what it is
 * to be published as.
 *
 * @returns nothing when there is no such version
 * @throws DeployError `DEPLOY_INCOMPATIBLE` when it breaks more than its version says
 * @throws SchemaError, OciError as `openModule` and `compareModules`
 */
export async function checkCompatible(
  context: DeployContext,
  open: OpenRegistry,
  request: CompatibilityRequest,
): Promise<Compatibility | undefined> {
  const { packed, samples, creds } = request;
  const { version } = packed;
  const published = await stableVersions(context, open);
  const comparedWith = published.find((tag) => semver.lte(tag, version));
  if (comparedWith === undefined) return undefined;
  const module = await packed.open();
  const location = `${open.name}:${comparedWith}`;
  const difference = await compareModules(context, {
    before: await openModule(context, { location, creds }),
    after: { ...module, version },
    samples,
    name: "app",
    namespace: "default",
  });
  const bump = bumpBetween(comparedWith, version);
  const isBreaking = breaking(difference).length > 0;
  if (isBreaking && !isEnough(bump, bumpFor(["breaking"], comparedWith))) {
    const next = bumped(published[0] ?? comparedWith, difference.bump);
    throw incompatible(request, { comparedWith, location, difference, next });
  }
  return { comparedWith, bump, suggestedBump: difference.bump };
}

/** The stable versions in a repository, newest first. */
async function stableVersions(context: DeployContext, open: OpenRegistry): Promise<string[]> {
  try {
    const { versions } = await listTags(context, open);
    return versions.filter((version) => semver.prerelease(version) === null);
  } catch (error) {
    // The first push makes the repository.
    if (hasCode(error, "OCI_NAME_UNKNOWN")) return [];
    throw error;
  }
}

function incompatible(
  { packed }: CompatibilityRequest,
  found: {
    readonly comparedWith: string;
    readonly location: string;
    readonly difference: ModuleDifference;
    /** The version that would say what changes. */
    readonly next: string;
  },
): DeployError {
  const { comparedWith, location, difference, next } = found;
  const { path, version, isBuilt } = packed;
  return new DeployError(
    "DEPLOY_INCOMPATIBLE",
    `Cannot push module ${path} as ${version}: it breaks what works with ${comparedWith}`,
    {
      diagnostics: breaking(difference),
      hint: isBuilt
        ? `Build it as ${next}, or keep what there was`
        : `Push it as ${next}, or keep what there was; all differences: tenon mod diff ${location} ${path}`,
      details: { comparedWith, suggestedVersion: next },
    },
  );
}

function breaking({ schema, samples }: ModuleDifference): Diagnostic[] {
  const changes = schema
    .filter(({ impact }) => impact === "breaking")
    .map(({ text, path }) => ({ text, path, positions: [] }));
  const rendered = samples.flatMap((sample) => {
    if (!impactsOf(sample).includes("breaking")) return [];
    const where = sample.values ?? "default values";
    if (sample.refusedAfter !== undefined) {
      return [{ text: `${where}: ${sample.refusedAfter.message}`, positions: [] }];
    }
    return sample.objects
      .filter(({ impact }) => impact === "breaking")
      .map(({ ref, change, fields }) => {
        const paths = fields.filter(({ immutable }) => immutable).map(({ path }) => path);
        const what = change === "removed" ? "removed" : `${paths.join(", ")} cannot change`;
        return { text: `${where}: ${formatRef(ref)}: ${what}`, positions: [] };
      });
  });
  return [...changes, ...rendered];
}
