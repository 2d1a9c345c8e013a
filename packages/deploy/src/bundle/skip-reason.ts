import { messageOf } from "@tenon/core";

import type { Outcome, SkipReason } from "./schedule.ts";

/** Why an instance was not touched, in words. */
export function skipText(because: SkipReason): string {
  switch (because.type) {
    case "dependency":
      return `it depends on ${because.on}, which failed`;
    case "failure":
      return `${because.of} failed before it`;
    case "lane":
      return `the cluster failed: ${messageOf(because.error)}`;
    case "wave":
      return because.error === undefined
        ? "a wave before it failed"
        : `the wave before it did not stay ready`;
    case "aborted":
      return "interrupted";
  }
}

/** The error that tells best why not everything is done. */
export function failureAmong(outcomes: Iterable<Outcome>): unknown {
  const all = [...outcomes];
  const failed = all.find((outcome) => outcome.state === "failed");
  if (failed !== undefined) return failed.error;
  const skipped = all.find((outcome) => outcome.state === "skipped");
  return skipped === undefined ? undefined : new Error(skipText(skipped.because));
}
