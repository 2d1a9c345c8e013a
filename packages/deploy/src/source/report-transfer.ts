import type { ProgressEvent } from "@tenon/oci";

import type { RegistryContext } from "./open-registry.ts";

/** Turns progress of a transfer into an event. */
export function reportTransfer(
  context: RegistryContext,
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
