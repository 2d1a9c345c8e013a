import { formatRef, printable, redactUrls } from "@tenon/core";
import type { DeployEvent } from "@tenon/deploy";

import { count } from "./count.ts";
import { holderText } from "./status-tree.ts";

type EventOf<Type extends DeployEvent["type"]> = Extract<DeployEvent, { type: Type }>;

/** `API server https://… does not answer, retrying (12s)`. */
export function retryText({ server, reason, sinceMs }: EventOf<"retrying">): string {
  const state = reason === "busy" ? "is busy" : "does not answer";
  const address = printable(redactUrls(server));
  return `API server ${address} ${state}, retrying (${Math.round(sinceMs / 1000)}s)`;
}

/** `registry ghcr.io: your token will expire soon`. */
export function registryWarningText({ host, text }: EventOf<"registry-warning">): string {
  return `registry ${printable(host)}: ${printable(text)}`;
}

/** `going on where process 7 on build-3 left off`; nothing where nobody was at it. */
export function takenText({ from }: EventOf<"lock-taken">): string | undefined {
  return from && `going on where ${holderText(from)} left off`;
}

/** `waiting for 2 resources to become ready`. */
export function waitingText({ what, refs }: EventOf<"waiting">): string {
  const goal = what === "ready" ? "to become ready" : "to be gone";
  return `waiting for ${count(refs.length, "resource")} ${goal}`;
}

/** `Deployment/apps/web InProgress: 1 of 2 replicas`. */
export function statusText({ ref, status: { status, message } }: EventOf<"status">): string {
  return `${formatRef(ref)} ${status}: ${printable(message)}`;
}

/** Says that a tag does what it should not do. */
export function tagText(event: EventOf<"tag-moved" | "version-older">): string {
  const { seen } = event;
  if (event.type === "tag-moved") {
    return `${event.reference} was moved: it points to ${event.digest}, and pointed to ${seen.digest} since ${seen.at}`;
  }
  const { repository, asked, version } = event;
  return `${repository} went back: ${asked} is version ${printable(version)}, and was ${printable(seen.version)} since ${seen.at}`;
}
