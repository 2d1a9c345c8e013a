import { type KubeObjectView, groupOf } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { type ObjectStatus, conditionsOf, failed } from "../object-status.ts";
import { statusOf } from "../status-of.ts";
import type { Cause, CauseCondition } from "./cause.ts";
import { failingChildren } from "./children.ts";
import { EvidenceReader } from "./evidence-reader.ts";
import { podStatusOf } from "./pod.ts";
import { readContainers } from "./read-containers.ts";
import { awaitEvents, readEvents } from "./read-events.ts";

/** Asking why must not hold up the answer that something is wrong. */
export const patience = 5000;
const mostChildren = 5;

/** What is known of an object already. */
export interface ExplainOptions {
  readonly signal?: AbortSignal | undefined;
  /** Its status, where that is not what the rules for its kind say. */
  readonly status?: ObjectStatus | undefined;
}

/**
 * Finds out why an object is not ready: its conditions and events, and those of the objects below
 * it that are not ready either, down to the last lines that containers printed. It takes a few
 * seconds at most and never fails; what could not be read is said in the answer.
 */
export async function explain(
  client: KubeClient,
  view: KubeObjectView,
  options: ExplainOptions = {},
): Promise<Cause> {
  const limit = AbortSignal.timeout(patience);
  const { signal } = options;
  const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const reader = new EvidenceReader(client, both);
  const cause = await causeOf(reader, view, options.status ?? statusBelow(view, reader));
  return reader.unread.length === 0 ? cause : { ...cause, unread: reader.unread };
}

async function causeOf(
  reader: EvidenceReader,
  view: KubeObjectView,
  status: ObjectStatus,
): Promise<Cause> {
  const { apiVersion, kind, metadata } = view;
  const [events, containers, [children, more]] = await Promise.all([
    status.status === "Failed" && !isPod(view)
      ? awaitEvents(reader, view)
      : readEvents(reader, view),
    isPod(view) ? readContainers(reader, view) : undefined,
    causesBelow(reader, view),
  ]);
  return {
    ref: { apiVersion, kind, namespace: metadata.namespace, name: metadata.name },
    status,
    conditions: tellingConditions(view),
    events,
    ...(containers !== undefined && { containers }),
    children,
    ...(more > 0 && { more }),
  };
}

async function causesBelow(
  reader: EvidenceReader,
  view: KubeObjectView,
): Promise<[readonly Cause[], number]> {
  const failing = await failingChildren(reader, view);
  const shown = failing.slice(0, mostChildren);
  const causes = await Promise.all(
    shown.map((child) => causeOf(reader, child, statusBelow(child, reader))),
  );
  return [causes, failing.length - shown.length];
}

/** For kstatus a pod has completed, however it ended. */
function statusBelow(view: KubeObjectView, reader: EvidenceReader): ObjectStatus {
  const status = statusOf(view, reader.now());
  if (!isPod(view) || podStatusOf(view).phase !== "Failed") return status;
  const { reason, message } = podStatusOf(view);
  return failed(["Pod has failed", reason, message].filter(Boolean).join(": "));
}

function isPod({ apiVersion, kind }: KubeObjectView): boolean {
  return kind === "Pod" && groupOf(apiVersion) === "";
}

function tellingConditions(view: KubeObjectView): CauseCondition[] {
  return conditionsOf(view).flatMap(({ type, status, reason, message }) =>
    message ? [{ type, status, ...(reason && { reason }), message }] : [],
  );
}
