import type { TrustPlaces } from "./find-trust-policy.ts";

/** How trust is decided in a run. */
export interface TrustSettings extends TrustPlaces {
  /** Folder that remembers where tags pointed to; nothing is remembered without it. */
  readonly seenDir?: string | undefined;
}
