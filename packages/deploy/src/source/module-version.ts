import semver from "semver";

import { DeployError } from "../errors.ts";

/** The tag that follows the newest version. */
export const latestTag = "latest";

/**
 * Checks a version to install: a strict semantic version, or `latest`.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`
 */
export function checkVersion(version: string): void {
  if (version === latestTag || isStrict(version)) return;
  throw invalid(
    version,
    "not a semantic version",
    "Versions look like 1.2.3 or 2.0.0-rc.1, without a v",
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

function invalid(version: string, reason: string, hint: string): DeployError {
  return new DeployError(
    "DEPLOY_VERSION_INVALID",
    `Cannot use version ${JSON.stringify(version)}: ${reason}`,
    { hint },
  );
}
