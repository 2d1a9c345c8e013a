import semver from "semver";

import { DeployError } from "../errors.ts";

/** The tag that follows the newest version. */
export const latestTag = "latest";

/**
 * The range that a version to install stands for, such as `^1.2`, `~1.2.3` or `>=1 <2`; commas join as
 * spaces do. Nothing for a single version. Pre-releases are in a range only if it names one of the same
 * version.
 *
 * @see https://github.com/npm/node-semver#ranges
 * @throws DeployError `DEPLOY_VERSION_INVALID`
 */
export function rangeOf(version: string): semver.Range | undefined {
  if (!/[\^~<>=*|\s]/.test(version)) return undefined;
  const range = parseRange(version);
  if (range !== undefined) return range;
  throw invalid(version, "not a range of versions", 'Ranges look like ^1.2, ~1.2.3 or ">=1.4 <3"');
}

/** Commas divide what has to hold together in the ranges of Go, spaces in those of npm. */
export function parseRange(
  text: string,
  options: semver.RangeOptions = {},
): semver.Range | undefined {
  try {
    return new semver.Range(text.replaceAll(",", " "), options);
  } catch {
    return undefined;
  }
}

/**
 * Checks a version to install: a strict semantic version, a range of them, or `latest`.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`
 */
export function checkVersion(version: string): void {
  if (version === latestTag || isStrict(version) || rangeOf(version) !== undefined) return;
  throw invalid(
    version,
    "not a semantic version",
    "Versions look like 1.2.3 or 2.0.0-rc.1, without a v; ranges like ^1.2",
  );
}

/**
 * Checks a version to publish: a strict semantic version without build metadata, which no tag can hold.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`
 */
export function checkPublishable(version: string): void {
  if (!isStrict(version)) {
    throw invalid(version, "not a semantic version", "Give a version such as -v 1.2.3");
  }
  if (version.includes("+")) {
    throw invalid(
      version,
      "a tag cannot hold build metadata",
      `Publish it as ${version.split("+")[0]}`,
    );
  }
}

/** Tells whether a tag is a strict semantic version. */
export function isStrict(tag: string): boolean {
  return (
    semver.valid(tag) !== null && semver.clean(tag) === tag.split("+")[0] && !/^[v=\s]/.test(tag)
  );
}

/** Tells whether a tag is a version that nobody expects to change. */
export function isReleased(tag: string): boolean {
  return semver.valid(tag) !== null && semver.prerelease(tag) === null;
}

function invalid(version: string, reason: string, hint: string): DeployError {
  return new DeployError(
    "DEPLOY_VERSION_INVALID",
    `Cannot use version ${JSON.stringify(version)}: ${reason}`,
    { hint },
  );
}
