import semver from "semver";

import { DeployError } from "../errors.ts";
import { parseRange } from "../source/module-version.ts";

/** Which tags are wanted; all unless something is given. */
export interface TagFilter {
  /** A regular expression that matches anywhere in the tag. */
  readonly regex?: string | undefined;
  /** A range of versions; tags that are none are not wanted. Alternatives are divided by `||`. */
  readonly semver?: string | undefined;
}

/**
 * Makes a test of tags; both parts must hold. Versions may begin with a `v` and leave parts out.
 *
 * @throws DeployError `DEPLOY_FILTER_INVALID`
 */
export function tagFilter(filter: TagFilter): (tag: string) => boolean {
  const matches = filter.regex === undefined ? () => true : regexTest(filter.regex);
  const satisfies = filter.semver === undefined ? () => true : rangeTest(filter.semver);
  return (tag) => matches(tag) && satisfies(tag);
}

function regexTest(text: string): (tag: string) => boolean {
  try {
    const regex = new RegExp(text, "u");
    return (tag) => regex.test(tag);
  } catch (cause) {
    throw new DeployError(
      "DEPLOY_FILTER_INVALID",
      `Cannot filter tags by ${JSON.stringify(text)}: it is no regular expression`,
      { cause },
    );
  }
}

function rangeTest(text: string): (tag: string) => boolean {
  // Pre-releases are wanted by whoever names one.
  const includePrerelease = /\d-[0-9A-Za-z]/.test(text);
  const range = parseRange(text, { includePrerelease });
  if (range === undefined) {
    throw new DeployError(
      "DEPLOY_FILTER_INVALID",
      `Cannot filter tags by ${JSON.stringify(text)}: it is no range of versions`,
      { hint: "Write it like ^1.2, >=1.0.0 <2.0.0 or 1.x" },
    );
  }
  return (tag) => {
    const version = lenientVersion(tag);
    return version !== undefined && range.test(version);
  };
}

const partial = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?$/;

/** `v1.2` is 1.2.0. */
function lenientVersion(tag: string): string | undefined {
  const [, major, minor = "0", patch = "0", rest = ""] = partial.exec(tag) ?? [];
  if (major === undefined) return undefined;
  return semver.valid(`${major}.${minor}.${patch}${rest}`) ?? undefined;
}
