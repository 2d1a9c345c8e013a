import { printable } from "@tenon/core";
import type { DeployEvent } from "@tenon/deploy";

import type { Talk } from "./talk.ts";

/** What became of content because of a mirror table. */
export type MirrorEvent = Extract<
  DeployEvent,
  { type: "mirror-used" | "mirror-failed" | "images-rewritten" }
>;

/** Makes a listener that tells each thing once in a run. */
export function mirrorListener(talk: Talk): (event: MirrorEvent) => void {
  const told = new Set<string>();
  const isNew = (text: string): boolean => told.size < told.add(text).size;
  const sayOnce = (text: string): void => {
    if (isNew(text)) talk.say(text);
  };
  return (event) => {
    switch (event.type) {
      case "mirror-used":
        return sayOnce(`reading ${printable(event.name)} from ${printable(event.mirror)}`);
      case "mirror-failed": {
        const { mirror, missing, reason } = event;
        const text = `mirror ${printable(mirror)}: ${printable(reason)}; going on without it`;
        // Most artifacts have nothing under the tags that stand for their signatures.
        if (missing && /:sha256-[0-9a-f]{64}/.test(mirror)) return undefined;
        if (missing) return sayOnce(text);
        return isNew(text) ? talk.warn(text) : undefined;
      }
      case "images-rewritten":
        for (const { from, to } of event.images) {
          sayOnce(`image ${printable(from)} is taken from ${printable(to)}`);
        }
        return undefined;
    }
  };
}
