import picocolors from "picocolors";

import type { Io, Sink } from "../io.ts";

/** Colours for one stream; without colours each returns its text. */
export type Paint = ReturnType<typeof picocolors.createColors>;

/** The colours of a stream: none unless it is a terminal, and none where the user wants none. */
export function paintFor(sink: Sink, io: Pick<Io, "env">, noColor: boolean): Paint {
  const wanted = !noColor && !io.env["NO_COLOR"] && io.env["TERM"] !== "dumb";
  return picocolors.createColors(sink.isTTY && wanted);
}
