import { formatRef } from "@tenon/core";

import type { Cause, CauseContainer, CauseEvent } from "./cause.ts";

const mostShown = 3;
const mostEvents = 3;
const mostLines = 10;

/** An object with its status, and in brackets the reason that lies deepest. */
export function causeHead(cause: Cause): string {
  const { ref, status } = cause;
  const head = `${formatRef(ref)} ${status.status}: ${status.message}`;
  const reason = deepestReason(cause);
  if (reason === undefined || status.message.includes(reason)) return head;
  if (reason.startsWith(status.message)) return `${formatRef(ref)} ${status.status}: ${reason}`;
  return `${head} (${reason})`;
}

/** What is below an object as a tree of lines: children, containers, events, logs. */
export function causeLines(cause: Cause): string[] {
  return [...ownReasons(cause), ...logLines(cause), ...childLines(cause), ...(cause.unread ?? [])];
}

function childLines({ children, more = 0 }: Cause): string[] {
  const shown = distinct(children);
  const hidden = children.length - shown.length + more;
  const lines = shown.flatMap((child) => [
    `└ ${childHead(child)}`,
    ...causeLines(child).map((line) => `  ${line}`),
  ]);
  return hidden === 0
    ? lines
    : [...lines, `└ and ${hidden} more that ${hidden === 1 ? "is" : "are"} not ready`];
}

/** Pods of one template mostly fail alike: one of them tells enough. */
function distinct(children: readonly Cause[]): Cause[] {
  const seen = new Set<string>();
  return children
    .filter((child) => {
      const text = containerTexts(child).join() || child.status.message;
      return !seen.has(text) && seen.add(text);
    })
    .slice(0, mostShown);
}

function childHead(cause: Cause): string {
  const { ref, status } = cause;
  const name = `${ref.kind}/${ref.name}`;
  const containers = containerTexts(cause);
  return containers.length === 0
    ? `${name} ${status.status}: ${status.message}`
    : `${name}: ${containers.join("; ")}`;
}

function deepestReason(cause: Cause): string | undefined {
  const [child] = cause.children;
  if (child === undefined) return containerTexts(cause)[0] ?? ownReasons(cause)[0];
  const deeper = deepestReason(child);
  const name = `${child.ref.kind}/${child.ref.name}`;
  if (child.children.length > 0) return deeper;
  return `${name}: ${deeper ?? child.status.message}`;
}

/** Reasons of conditions that only say again that it is not ready. */
const sayNothing = new Set(["MinimumReplicasUnavailable", "ContainersNotReady"]);

/** What the object says itself. Events tell the same as conditions, mostly, and tell it newer. */
function ownReasons({ status, events, conditions, children }: Cause): string[] {
  const warnings = distinctEvents(events.filter(({ type }) => type === "Warning"));
  if (warnings.length > 0) return warnings.slice(-mostEvents).map(eventText);
  if (children.length > 0) return [];
  return conditions
    .filter((entry) => entry.status === "False" || entry.type === "ReplicaFailure")
    .filter(({ message }) => !status.message.includes(message))
    .filter(({ reason = "" }) => !sayNothing.has(reason))
    .map(({ type, reason, message }) => [type, reason, message].filter(Boolean).join(": "))
    .slice(-mostEvents);
}

function oneLine(message: string): string {
  return message.replace(/^\(combined from similar events\): /, "").replaceAll(/\s+/g, " ");
}

/** Attempts at the object as a whole: a newer one makes the older ones void, whatever they said. */
const wholeAttempts = new Set(["FailedScheduling"]);

/** Events that differ in names alone say the same. */
function distinctEvents(events: readonly CauseEvent[]): CauseEvent[] {
  const byText = new Map<string, CauseEvent>();
  for (const event of events) {
    const said = oneLine(event.message).replaceAll(/"[^"]*"/g, "");
    byText.set(wholeAttempts.has(event.reason) ? event.reason : `${event.reason} ${said}`, event);
  }
  return [...byText.values()];
}

function eventText({ reason, message, count }: CauseEvent): string {
  const times = count > 1 ? ` (${count} times)` : "";
  return `${reason}${times}: ${oneLine(message)}`;
}

function containerTexts({ containers = [] }: Cause): string[] {
  return containers.map(containerText);
}

function containerText({
  name,
  init,
  state,
  reason,
  message,
  exitCode,
  restarts,
}: CauseContainer): string {
  const facts = [
    reason ?? (state === "running" ? "runs but is not ready" : state),
    exitCode === undefined ? undefined : `exit code ${exitCode}`,
    restarts === 0 ? undefined : `restarted ${restarts === 1 ? "once" : `${restarts} times`}`,
  ].filter(Boolean);
  // That a crashed container is not restarted at once says nothing about the crash.
  const more = message === undefined || reason === "CrashLoopBackOff" ? "" : `: ${message}`;
  return `${init ? "init container" : "container"} ${name} ${facts.join(", ")}${more}`;
}

function logLines({ containers = [] }: Cause): string[] {
  return containers.flatMap(({ name, log = [] }) =>
    log.length === 0
      ? []
      : [`log of ${name}:`, ...log.slice(-mostLines).map((line) => `  ${line}`)],
  );
}
