import { printable } from "@tenon/core";
import type { DeployEvent } from "@tenon/deploy";

import type { Talk } from "./talk.ts";

type MirrorFailed = Extract<DeployEvent, { type: "mirror-failed" }>;

/** Makes a listener that tells of each failure of a mirror once. */
export function mirrorListener(talk: Talk): (event: MirrorFailed) => void {
  const told = new Set<string>();
  return ({ mirror, reason, missing }) => {
    const text = `mirror ${printable(mirror)}: ${printable(reason)}; going on without it`;
    if (told.has(text)) return;
    told.add(text);
    if (missing) talk.say(text);
    else talk.warn(text);
  };
}
