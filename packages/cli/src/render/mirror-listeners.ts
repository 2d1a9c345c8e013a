import { printable } from "@tenon/core";
import type { DeployEvent } from "@tenon/deploy";

import type { Talk } from "./talk.ts";

type EventOf<Type extends DeployEvent["type"]> = Extract<DeployEvent, { type: Type }>;

/** Tell what became of content because of a mirror table: each thing once in a run. */
export interface MirrorListeners {
  tellMirror(this: void, event: EventOf<"mirror-failed">): void;
  tellMirrorUsed(this: void, event: EventOf<"mirror-used">): void;
  tellImages(this: void, event: EventOf<"images-rewritten">): void;
}

/** Makes listeners that remember what they told. */
export function mirrorListeners(talk: Talk): MirrorListeners {
  const told = new Set<string>();
  const isNew = (text: string): boolean => told.size < told.add(text).size;
  return {
    tellMirror({ mirror, reason, missing }) {
      // Most artifacts have nothing under the tags that stand for their signatures.
      if (missing && /:sha256-[0-9a-f]{64}/.test(mirror)) return;
      const text = `mirror ${printable(mirror)}: ${printable(reason)}; going on without it`;
      if (!isNew(text)) return;
      if (missing) talk.say(text);
      else talk.warn(text);
    },
    tellMirrorUsed({ name, mirror }) {
      const text = `reading ${printable(name)} from ${printable(mirror)}`;
      if (isNew(text)) talk.say(text);
    },
    tellImages({ images }) {
      for (const { from, to } of images) {
        const text = `image ${printable(from)} is taken from ${printable(to)}`;
        if (isNew(text)) talk.say(text);
      }
    },
  };
}
