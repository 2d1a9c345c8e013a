import { formatRef, printable } from "@tenon/core";
import type { DeployEvent } from "@tenon/deploy";

import { bundleProgress, isBundleEvent } from "./bundle-progress.ts";
import { byteCount } from "./byte-count.ts";
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
import { mirrorListener } from "./mirror-listener.ts";
import type { Paint } from "./paint.ts";
import type { Talk } from "./talk.ts";

/** Where the progress of a use case goes. */
export interface ProgressTarget {
  readonly talk: Talk;
  /** Colours for stderr. */
  readonly paint: Paint;
  /** Whether lines can be replaced in place. */
  readonly live: boolean;
  /** Collects what was done, for the case that the rest is not. */
  readonly done: string[];
  /** Nothing is written: changes are only planned. */
  readonly dryRun: boolean;
}

/** Makes a listener that tells what a use case reports while it runs. */
export function progressListener(target: ProgressTarget): (event: DeployEvent) => void {
  const { talk, done, live, dryRun } = target;
  const { paint } = target;
  const unready = new Set<string>();
  const tellMirror = mirrorListener(talk);
  const tellBundle = bundleProgress({ ...target, tellMirror });
  return (event) => {
    if (isBundleEvent(event)) return tellBundle(event);
    switch (event.type) {
      case "module-opening":
        return live ? talk.progress(`opening ${event.location}`) : undefined;
      case "module-opened":
        return talk.say(
          `using module ${paint.magenta(printable(event.name))} version ${paint.magenta(printable(event.version))}`,
        );
      case "not-locked":
        return talk.warn(notLockedText(event));
      case "transfer":
        return live ? talk.progress(transferText(event)) : undefined;
      case "artifact-carried":
        return talk.say(`carried ${paint.cyan(printable(event.name))}`);
      case "rendered":
        return live ? talk.progress(`built ${count(event.objects, "object")}`) : undefined;
      case "retrying":
        return talk.progress(retryText(event));
      case "mirror-used":
      case "mirror-failed":
      case "images-rewritten":
        return tellMirror(event);
      case "namespace-created":
        done.push(`Namespace/${event.namespace} created`);
        return undefined;
      case "lock-taken": {
        const text = takenText(event);
        return text === undefined ? undefined : talk.say(text);
      }
      case "set-started":
        return live
          ? talk.progress(`applying ${event.set} (${count(event.objects, "object")})`)
          : undefined;
      case "change":
        if (dryRun) return undefined;
        if (event.change.action !== "unchanged" && event.change.action !== "skipped") {
          done.push(`${formatRef(event.change.ref)} ${event.change.action}`);
        }
        return live ? talk.progress(changeLine(event.change, paint)) : undefined;
      case "warning":
        return talk.warn(`${formatRef(event.ref)}: ${printable(event.text)}`);
      case "registry-warning":
        return talk.warn(registryWarningText(event));
      case "waiting":
        return talk.progress(waitingText(event));
      case "status": {
        const { status } = event.status;
        const name = formatRef(event.ref);
        // What was ready from the start is no news.
        if (status === "Current" && !unready.delete(name)) return undefined;
        if (status !== "Current") unready.add(name);
        return talk.progress(statusText(event));
      }
      case "ready":
        return event.objects > 0 ? talk.say(readyText(event.set)) : undefined;
      case "record-written":
        return undefined;
      case "tag-moved":
      case "version-older":
        return talk.warn(tagText(event));
    }
  };
}

function notLockedText(event: Extract<DeployEvent, { type: "not-locked" }>): string {
  const { module, asked, version, digest } = event;
  return printable(
    `${module} ${asked} is not in the lock file, using ${version} ${digest}; run \`tenon bundle lock\``,
  );
}

function readyText(set: string | undefined): string {
  return set === undefined ? "resources are ready" : `resources of ${printable(set)} are ready`;
}

function transferText(event: Extract<DeployEvent, { type: "transfer" }>): string {
  const verb = event.direction === "push" ? "pushing" : "pulling";
  const percent = event.total > 0 ? Math.floor((100 * event.bytes) / event.total) : 100;
  return `${verb} ${event.digest.slice(0, 19)} ${percent}% of ${byteCount(event.total)}`;
}
