import type { AnyRecord, RunFailure } from "../record.ts";

/** An instance of a bundle. */
export interface BundleMember {
  readonly name: string;
  readonly namespace: string;
  /** Names of the instances of the bundle that it needs. */
  readonly dependsOn: readonly string[];
}

/** What the cluster knows of a bundle beside its instances. */
export interface BundleRecord extends AnyRecord {
  /** The cluster as the runtime names it; absent for the only one. */
  readonly cluster?: string | undefined;
  /** The instances that the last finished run has left. */
  readonly applied?: BundleApplied | undefined;
  /** What a run is on its way to, or was when it ended. */
  readonly pending?: BundlePending | undefined;
}

/** A state that a bundle has reached. */
export interface BundleApplied {
  readonly members: readonly BundleMember[];
  /** RFC 3339. */
  readonly at: string;
}

/** A state that a bundle has not reached yet. */
export interface BundlePending {
  readonly operation: "apply" | "delete";
  /** All instances that there may be. */
  readonly members: readonly BundleMember[];
  /** RFC 3339. */
  readonly since: string;
  /** Why the run ended before its end, when it could still say so. */
  readonly error?: RunFailure | undefined;
}

/** All instances that a bundle has or was on its way to have, in the order of the newest mention. */
export function membersOf(record: BundleRecord | undefined): BundleMember[] {
  return unionOfMembers(record?.pending?.members ?? [], record?.applied?.members ?? []);
}

/** Members of several lists, each once, the first mention winning. */
export function unionOfMembers(...lists: readonly (readonly BundleMember[])[]): BundleMember[] {
  const byPlace = new Map<string, BundleMember>();
  for (const member of lists.flat()) {
    const place = `${member.namespace}/${member.name}`;
    if (!byPlace.has(place)) byPlace.set(place, member);
  }
  return [...byPlace.values()];
}
