import { type KubeObjectView, printable } from "@tenon/core";

import { uidOf } from "../live-object.ts";
import type { CauseEvent } from "./cause.ts";
import type { EvidenceReader } from "./evidence-reader.ts";
import { eventResource } from "./resources.ts";

const mostEvents = 20;

/** The newest events about an object, in the order in which they happened. */
export async function readEvents(
  reader: Pick<EvidenceReader, "list">,
  view: KubeObjectView,
): Promise<readonly CauseEvent[]> {
  const { name, namespace } = view.metadata;
  const uid = uidOf(view);
  const about = uid === undefined ? [] : [`involvedObject.uid=${uid}`];
  const found = await reader.list(eventResource, {
    // Events about objects without a namespace are kept in this one.
    namespace: namespace ?? "default",
    fieldSelector: [`involvedObject.name=${name}`, ...about].join(","),
  });
  return (found ?? [])
    .map(toEvent)
    .toSorted((a, b) => a.last.localeCompare(b.last))
    .slice(-mostEvents);
}

/** Milliseconds between the looks at the events of what has failed. */
const pauses = [100, 200, 400, 800];

/** The same for an object that its controller gave up: the event that says why comes after its status. */
export async function awaitEvents(
  reader: Pick<EvidenceReader, "list" | "pause">,
  view: KubeObjectView,
): Promise<readonly CauseEvent[]> {
  let events = await readEvents(reader, view);
  for (const pause of pauses) {
    if (events.some(({ type }) => type === "Warning") || !(await reader.pause(pause))) break;
    events = await readEvents(reader, view);
  }
  return events;
}

interface EventView {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
}

function toEvent(view: KubeObjectView): CauseEvent {
  const event = view as unknown as EventView;
  const { type = "Normal", reason = "", message = "", series, count } = event;
  const created = view.metadata["creationTimestamp"] as string | undefined;
  const last = series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? created ?? "";
  return {
    type,
    reason,
    message: printable(message).trim(),
    count: series?.count ?? count ?? 1,
    last,
  };
}
