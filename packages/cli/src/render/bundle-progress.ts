import { formatDuration, formatRef, isTenonError, printable } from "@tenon/core";
import type { BundleEvent, BundleOperation, DeployEvent, InstancePlace } from "@tenon/deploy";

import { placeText } from "./bundle-place.ts";
import { changeLine } from "./changes.ts";
import { count } from "./count.ts";
import {
  registryWarningText,
  retryText,
  statusText,
  tagText,
  takenText,
  waitingText,
} from "./event-text.ts";
import type { MirrorEvent } from "./mirror-listener.ts";
import type { ProgressTarget } from "./progress.ts";

type InstanceEvent = Extract<BundleEvent, { type: "instance-event" }>["event"];

/** Where the progress of a bundle goes. */
interface BundleTarget extends ProgressTarget {
  readonly tellMirror: (event: MirrorEvent) => void;
}

const bundleEvents: ReadonlySet<string> = new Set<BundleEvent["type"]>([
  "bundle-started",
  "instance-started",
  "instance-event",
  "instance-ended",
  "cluster-failed",
  "wave-ready",
]);

/** Tells an event of a bundle from those of one instance or module. */
export function isBundleEvent(event: DeployEvent): event is BundleEvent {
  return bundleEvents.has(event.type);
}

/**
 * Tells what happens to a bundle: lines that name the cluster and the instance, and on a terminal one
 * line below them with all that is going on.
 */
export function bundleProgress(target: BundleTarget): (event: BundleEvent) => void {
  const board = new Board(target);
  const { talk, paint } = target;
  return (event) => {
    switch (event.type) {
      case "bundle-started":
        board.total += event.instances;
        return talk.say(
          `${placeText(event, paint)} ${verbs[event.operation]} ${count(event.instances, "instance")}`,
        );
      case "instance-started":
        if (!target.live && event.operation !== "plan") {
          talk.say(`${placeText(event.place, paint)} ${verbs[event.operation]}`);
        }
        return board.show(event.place, verbs[event.operation]);
      case "instance-event":
        return tellInstance(target, board, event.place, event.event);
      case "instance-ended":
        return tellEnd(target, board, event);
      case "cluster-failed":
        talk.say(`${placeText(event, paint)} ${paint.red("failed")}${codeOf(event.error)}`);
        return board.draw();
      case "wave-ready": {
        const rest = event.soakMs > 0 ? `, watching it for ${formatDuration(event.soakMs)}` : "";
        talk.say(`${placeText(event, paint)} wave ${printable(event.wave)} is ready${rest}`);
        return board.draw();
      }
    }
  };
}

const verbs: Readonly<Record<BundleOperation, string>> = {
  apply: "applying",
  delete: "deleting",
  plan: "comparing",
};

function tellInstance(
  target: BundleTarget,
  board: Board,
  place: InstancePlace,
  event: InstanceEvent,
): void {
  const { talk, paint, done, live } = target;
  const prefix = placeText(place, paint);
  const tell = (text: string): void =>
    live ? board.show(place, text) : talk.progress(`${prefix} ${text}`);
  switch (event.type) {
    case "change":
      if (
        !target.dryRun &&
        event.change.action !== "unchanged" &&
        event.change.action !== "skipped"
      )
        done.push(`${place.instance}: ${formatRef(event.change.ref)} ${event.change.action}`);
      return live ? board.show(place, changeLine(event.change, paint)) : undefined;
    case "namespace-created":
      done.push(`${place.instance}: Namespace/${event.namespace} created`);
      return undefined;
    case "lock-taken": {
      const text = takenText(event);
      if (text !== undefined) talk.say(`${prefix} ${text}`);
      return board.draw();
    }
    case "warning":
      talk.warn(`${prefix} ${formatRef(event.ref)}: ${printable(event.text)}`);
      return board.draw();
    case "tag-moved":
    case "version-older":
      talk.warn(`${prefix} ${tagText(event)}`);
      return board.draw();
    case "registry-warning":
      talk.warn(registryWarningText(event));
      return board.draw();
    case "retrying":
      return tell(retryText(event));
    case "waiting":
      return tell(waitingText(event));
    case "status":
      return event.status.status === "Current" ? undefined : tell(statusText(event));
    case "module-opening":
    case "module-opened":
    case "not-locked":
    case "transfer":
    case "artifact-carried":
    case "rendered":
    case "set-started":
    case "ready":
    case "record-written":
      return undefined;
    case "mirror-used":
    case "mirror-failed":
    case "images-rewritten":
      return target.tellMirror(event);
  }
}

function tellEnd(
  target: ProgressTarget,
  board: Board,
  { place, outcome, milliseconds }: Extract<BundleEvent, { type: "instance-ended" }>,
): void {
  const { talk, paint, dryRun } = target;
  board.end(place);
  const prefix = placeText(place, paint);
  const time = paint.dim(` in ${formatDuration(milliseconds)}`);
  switch (outcome.state) {
    case "done":
      if (!dryRun) talk.say(`${prefix} ${paint.green("done")}${time}`);
      break;
    case "failed":
      talk.say(`${prefix} ${paint.red("failed")}${codeOf(outcome.error)}${time}`);
      break;
    case "skipped":
      if (outcome.because.type !== "aborted") talk.say(`${prefix} ${paint.yellow("skipped")}`);
      break;
  }
  board.draw();
}

/** The line of a terminal that shows everything that goes on. */
class Board {
  readonly #target: ProgressTarget;
  readonly #running = new Map<string, string>();
  #ended = 0;
  total = 0;

  constructor(target: ProgressTarget) {
    this.#target = target;
  }

  show(place: InstancePlace, text: string): void {
    this.#running.set(this.#keyOf(place), text);
    this.draw();
  }

  end(place: InstancePlace): void {
    this.#running.delete(this.#keyOf(place));
    this.#ended++;
  }

  draw(): void {
    const { live, talk } = this.#target;
    if (!live || this.#running.size === 0) return;
    const parts = [...this.#running].map(([name, text]) => `${name} ${text}`);
    talk.progress(`${this.#ended}/${Math.max(this.total, this.#ended)} ${parts.join(" · ")}`);
  }

  #keyOf({ cluster, instance }: InstancePlace): string {
    const { paint } = this.#target;
    const [, ...parts] = placeText({ bundle: "", cluster, instance }, paint).split(" ");
    return parts.join(" ");
  }
}

function codeOf(error: unknown): string {
  return isTenonError(error) ? ` [${error.code}]` : "";
}
