import type { ProgressEvent } from "@tenon/oci";

import type { DeployContext } from "../context.ts";

/** Turns progress of a transfer into an event. */
export function reportTransfer(
  context: DeployContext,
  direction: "push" | "pull",
  event: ProgressEvent,
): void {
  context.onEvent?.({
    type: "transfer",
    direction,
    digest: event.digest,
    bytes: event.done,
    total: event.size,
    done: event.state === "done" || event.state === "exists",
  });
}
