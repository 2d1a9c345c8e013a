import type { ObjectRef } from "@tenon/core";

import type { ObjectStatus } from "../object-status.ts";

/** Why an object is not ready: what it says itself, and what those below it say. */
export interface Cause {
  readonly ref: ObjectRef;
  readonly status: ObjectStatus;
  /** Conditions that give a reason in words. */
  readonly conditions: readonly CauseCondition[];
  /** The newest last. */
  readonly events: readonly CauseEvent[];
  /** The containers of a pod that do not run as they should. */
  readonly containers?: readonly CauseContainer[] | undefined;
  /** What it is made of, as far as that is not ready either. */
  readonly children: readonly Cause[];
  /** How many more children are not ready. */
  readonly more?: number | undefined;
  /** What could not be looked at, and why not. */
  readonly unread?: readonly string[] | undefined;
}

/** A condition of an object. */
export interface CauseCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message: string;
}

/** What was reported about an object, once or several times. */
export interface CauseEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  /** When it was last reported, in RFC 3339. */
  readonly last: string;
}

/** A container that does not run as it should. */
export interface CauseContainer {
  readonly name: string;
  readonly init?: true | undefined;
  readonly state: "waiting" | "running" | "terminated";
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  /** Of its last end. */
  readonly exitCode?: number | undefined;
  readonly restarts: number;
  /** The last lines that it printed before it ended, or so far. */
  readonly log?: readonly string[] | undefined;
}
