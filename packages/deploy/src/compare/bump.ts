import type { Impact } from "@tenon/schema";
import semver from "semver";

/** Which number of a version goes up; `none` when nothing is different. */
export type Bump = "major" | "minor" | "patch" | "none";

const order: readonly Bump[] = ["none", "patch", "minor", "major"];

/**
 * The bump that changes ask for: major for what breaks, minor for features, patch for the rest. Before
 * 1.0.0 minor versions may break, and patches bring features.
 *
 * @param version the version before; a stable one unless it is known
 * @see https://semver.org
 */
export function bumpFor(impacts: readonly Impact[], version: string | undefined): Bump {
  if (impacts.length === 0) return "none";
  const isInitial = version !== undefined && semver.major(version) === 0;
  if (impacts.includes("breaking")) return isInitial ? "minor" : "major";
  return impacts.includes("feature") && !isInitial ? "minor" : "patch";
}

/** The bump from a version to a later one, whatever comes before its release. */
export function bumpBetween(before: string, after: string): Bump {
  const [from, to] = [semver.parse(before, {}, true), semver.parse(after, {}, true)];
  if (from.major !== to.major) return "major";
  if (from.minor !== to.minor) return "minor";
  return from.patch === to.patch ? "none" : "patch";
}

/** Tells whether a bump is at least as large as another. */
export function isEnough(bump: Bump, needed: Bump): boolean {
  return order.indexOf(bump) >= order.indexOf(needed);
}

/** The version after a bump. */
export function bumped(version: string, bump: Bump): string {
  return bump === "none" ? version : (semver.inc(version, bump) ?? version);
}
