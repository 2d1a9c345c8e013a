import { type Diagnostic, type KubeObjectView, type ObjectRef, formatRef } from "@tenon/core";

import type { KubeClient } from "./client/kube-client.ts";
import { KubeError } from "./errors.ts";
import { causeHead, causeLines } from "./evidence/cause-text.ts";
import type { Cause } from "./evidence/cause.ts";
import { explain } from "./evidence/explain.ts";
import { type Mask, maskAll } from "./evidence/mask.ts";
import type { ObjectStatus } from "./object-status.ts";

/** One object that is not ready, as the details of `KUBE_NOT_READY` list it. */
export interface NotReady {
  readonly ref: ObjectRef;
  readonly status: ObjectStatus;
  /** Why; absent for what does not exist, and for all but the first objects of many. */
  readonly cause?: Cause | undefined;
  /** The status of the object as it was last read. */
  readonly observed?: unknown;
}

/** An object that is not ready, as it was last seen. */
export interface Unready {
  readonly ref: ObjectRef;
  readonly status: ObjectStatus;
  readonly view: KubeObjectView | undefined;
}

/** Why a wait came to its end, and what must not be told of it. */
export interface NotReadyOptions {
  readonly why: "failed" | "timeout";
  readonly timeoutMs: number;
  readonly mask?: Mask | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Objects to explain; what is wrong with many is mostly the same. */
const mostExplained = 10;
/** Objects named in the message; all are in the diagnostics. */
const mostNamed = 3;

/** The error `KUBE_NOT_READY`, with the cause of each object. */
export async function notReady(
  client: KubeClient,
  open: readonly Unready[],
  options: NotReadyOptions,
): Promise<KubeError> {
  const { why, timeoutMs, mask = (text) => text } = options;
  // What has failed explains more than what would have come.
  const inOrder = open.toSorted((a, b) => Number(isFailed(b)) - Number(isFailed(a)));
  const objects = await Promise.all(
    inOrder.map((object, index) =>
      toNotReady(client, object, { ...options, mask, explained: index < mostExplained }),
    ),
  );
  const verb =
    why === "failed" ? "Cannot become ready" : `Cannot become ready within ${timeoutMs / 1000}s`;
  const named = objects.slice(0, mostNamed).map(headOf);
  const rest = objects.length - named.length;
  const more = rest > 0 ? [`and ${rest} more`] : [];
  return new KubeError("KUBE_NOT_READY", `${verb}: ${[...named, ...more].join("; ")}`, {
    hint: hintFor(objects[0]?.ref),
    diagnostics: objects.map(toDiagnostic),
    details: { why, objects },
  });
}

async function toNotReady(
  client: KubeClient,
  { ref, status, view }: Unready,
  options: {
    readonly explained: boolean;
    readonly mask: Mask;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<NotReady> {
  const { explained, mask, signal } = options;
  const shown = { ...status, message: mask(status.message) };
  if (view === undefined || !explained) return { ref, status: shown };
  const cause = await explain(client, view, { status, signal });
  return {
    ref,
    status: shown,
    cause: maskCause(cause, mask),
    observed: maskAll(view["status"], mask),
  };
}

/** The names of objects and containers are no secrets, whatever else has the same text. */
function maskCause(cause: Cause, mask: Mask): Cause {
  return {
    ...cause,
    status: { ...cause.status, message: mask(cause.status.message) },
    conditions: cause.conditions.map((entry) => ({ ...entry, message: mask(entry.message) })),
    events: cause.events.map((event) => ({ ...event, message: mask(event.message) })),
    ...(cause.containers !== undefined && {
      containers: cause.containers.map((container) => ({
        ...container,
        ...(container.message !== undefined && { message: mask(container.message) }),
        ...(container.log !== undefined && { log: container.log.map(mask) }),
      })),
    }),
    children: cause.children.map((child) => maskCause(child, mask)),
  };
}

function headOf({ ref, status, cause }: NotReady): string {
  return cause === undefined
    ? `${formatRef(ref)} ${status.status}: ${status.message}`
    : causeHead(cause);
}

function toDiagnostic({ ref, status, cause }: NotReady): Diagnostic {
  return {
    text: `${formatRef(ref)} ${status.status}: ${status.message}`,
    positions: [],
    ...(cause !== undefined && { notes: causeLines(cause) }),
  };
}

function isFailed({ status }: Unready): boolean {
  return status.status === "Failed";
}

function hintFor(ref: ObjectRef | undefined): string | undefined {
  if (ref === undefined) return undefined;
  const namespace = ref.namespace === undefined ? "" : ` -n ${ref.namespace}`;
  return `kubectl describe ${ref.kind.toLowerCase()} ${ref.name}${namespace}`;
}
