/** One running copy of the engine. It serves one request at a time. */
export interface Host {
  /** Whether it can take a request: an idle engine may end too. */
  isAlive(): boolean;
  /** Sends a frame and resolves to the frame that answers it. Rejects with {@link HostExit} when the engine ends. */
  call(frame: Uint8Array): Promise<Uint8Array>;
  /** Ends the engine at once, also in the middle of a request. */
  kill(): void;
}

/** Why a host ended without an answer. */
export class HostExit extends Error {
  readonly outOfMemory: boolean;
  readonly unavailable: boolean;
  readonly timedOut: boolean;

  constructor(
    message: string,
    kind: "crashed" | "out-of-memory" | "unavailable" | "timed-out" = "crashed",
  ) {
    super(message);
    this.outOfMemory = kind === "out-of-memory";
    this.unavailable = kind === "unavailable";
    this.timedOut = kind === "timed-out";
  }
}

/** The last lines of what an engine wrote on stderr, short enough for a message. */
export function tail(text: string): string {
  return text.trim().split("\n").slice(0, 3).join("; ").slice(0, 500);
}
