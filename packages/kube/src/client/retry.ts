import type { Clock } from "../clock.ts";

/**
 * How long to go on with a call that failed: not at all, for one more attempt, for a few, or for as
 * long as a server may take to come back.
 */
export type Persistence = "no" | "once" | "few" | "long";

/** How often a call is sent at most where a few attempts are made. */
const fewAttempts = 6;

/** How long a server that was reached before may be away. */
export const defaultPatience = 60_000;

/** The attempts of one call. */
export class Attempts {
  readonly #clock: Clock;
  readonly #patience: number;
  #count = 0;
  #failedAt: number | undefined;

  constructor(clock: Clock, patience: number) {
    this.#clock = clock;
    this.#patience = patience;
  }

  /** Milliseconds to wait before the next attempt; nothing when there is none. */
  next(persistence: Persistence, after: number | undefined): number | undefined {
    this.#count++;
    this.#failedAt ??= this.#clock.now();
    return this.#goesOn(persistence) ? (after ?? backOff(this.#count)) : undefined;
  }

  #goesOn(persistence: Persistence): boolean {
    switch (persistence) {
      case "no":
        return false;
      case "once":
        return this.#count < 2;
      case "few":
        return this.#count < fewAttempts;
      case "long":
        return this.#clock.now() - this.#failedAt! < this.#patience;
    }
  }
}

/** Milliseconds to wait before the next attempt: doubling, with jitter, at most 4 s. */
function backOff(attempt: number): number {
  const full = Math.min(4000, 100 * 2 ** Math.min(attempt, 10));
  return full / 2 + Math.random() * (full / 2);
}

/** Seconds of a Retry-After header; a date is not expected from an API server. */
export function retryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header ?? "");
  return header !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

const transient = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_ABORTED",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_PRX_TLS",
]);

/** Tells a failure of the network, or of TLS, from a programming error. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  if (
    transient.has(code) ||
    /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HPE_)/.test(code)
  ) {
    return true;
  }
  return /socket hang up|Proxy response|other side closed/.test(error.message);
}
