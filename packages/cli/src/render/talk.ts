import { stripVTControlCharacters } from "node:util";

import type { Io } from "../io.ts";
import type { Paint } from "./paint.ts";

/** Tells on stderr what is going on. Text of others must be made printable before it comes here. */
export interface Talk {
  /** A line that stays. */
  say(text: string): void;
  /** A warning that stays; also with `--quiet`. */
  warn(text: string): void;
  /** What is going on right now: replaced in place on a terminal, a line elsewhere. */
  progress(text: string): void;
  /** Removes what {@link Talk.progress} left on the terminal. */
  clear(): void;
}

const clearLine = "\r\u001b[2K";

/** Talks on the stderr of `io`. */
export function createTalk(io: Pick<Io, "stderr">, paint: Paint, quiet: boolean): Talk {
  const { stderr } = io;
  let shown = false;
  let last = "";
  const clear = (): void => {
    if (shown) stderr.write(clearLine);
    shown = false;
  };
  const line = (text: string): void => {
    clear();
    // What was replaced may be shown again below the line.
    if (stderr.isTTY) last = "";
    stderr.write(`${text}\n`);
  };
  return {
    say(text) {
      if (!quiet) line(text);
    },
    warn(text) {
      line(`${paint.yellow("warning:")} ${text}`);
    },
    progress(text) {
      if (quiet || text === last) return;
      last = text;
      if (!stderr.isTTY) return line(text);
      stderr.write(`${clearLine}${paint.dim(fit(text, stderr.columns))}`);
      shown = true;
    },
    clear,
  };
}

function fit(text: string, columns: number): string {
  const flat = stripVTControlCharacters(text).replace(/\s+/g, " ");
  return flat.length < columns ? flat : `${flat.slice(0, Math.max(0, columns - 2))}…`;
}
