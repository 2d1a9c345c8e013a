import semver from "semver";

import { isStrict, latestTag, rangeOf } from "../source/module-version.ts";

/** Versions of a module beside the one that is in use. */
export interface NewerVersions {
  /**
   * The newest that a range allows; of a single version the newest that is compatible with it, of the same
   * major version, and before 1.0 of the same minor.
   */
  readonly wanted: string;
  /** The newest of all. */
  readonly latest: string;
}

/**
 * Chooses among the versions of a module. Neither is older than the one in use; pre-releases count with
 * `pre`, or where a range names one.
 *
 * @param asked a version, a range or `latest`
 * @param current the version in use
 * @param versions newest first
 */
export function newerVersions(
  { asked, current }: { readonly asked: string; readonly current: string },
  versions: readonly string[],
  { pre = false }: { readonly pre?: boolean | undefined } = {},
): NewerVersions {
  const isWelcome = (version: string): boolean => pre || semver.prerelease(version) === null;
  const latest = versions.find(isWelcome);
  const wanted = asked === latestTag ? latest : versions.find(testOf(asked, isWelcome));
  return { wanted: newest(current, wanted), latest: newest(current, latest) };
}

function testOf(
  asked: string,
  isWelcome: (version: string) => boolean,
): (version: string) => boolean {
  const range = rangeOf(asked);
  if (range !== undefined) return (version) => range.test(version);
  const compatible = new semver.Range(`^${asked}`, { includePrerelease: true });
  return (version) => isWelcome(version) && compatible.test(version);
}

function newest(current: string, other: string | undefined): string {
  if (other === undefined) return current;
  return isStrict(current) && semver.gte(current, other) ? current : other;
}

/**
 * What a bundle has to ask for to get a version: the version where it asks for a single one. A range that
 * does not reach it keeps its sign and how exact it is; nothing for one of another form.
 */
export function askFor(asked: string, version: string): string | undefined {
  if (asked === latestTag) return asked;
  const range = rangeOf(asked);
  if (range === undefined) return version;
  if (range.test(version)) return asked;
  const [, sign, digits] = /^([\^~])(\d+(?:\.\d+){0,2})$/.exec(asked) ?? [];
  if (sign === undefined || digits === undefined) return undefined;
  if (semver.prerelease(version) !== null) return `${sign}${version}`;
  return sign + version.split(".").slice(0, digits.split(".").length).join(".");
}
