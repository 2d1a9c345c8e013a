import { printable, redactUrls } from "@tenon/core";
import type { DeployEvent } from "@tenon/deploy";

/** `API server https://… does not answer, retrying (12s)`. */
export function retryText({
  server,
  reason,
  sinceMs,
}: Extract<DeployEvent, { type: "retrying" }>): string {
  const state = reason === "busy" ? "is busy" : "does not answer";
  const address = printable(redactUrls(server));
  return `API server ${address} ${state}, retrying (${Math.round(sinceMs / 1000)}s)`;
}
