import type { Clock } from "../clock.ts";
import { type KubeError, isKubeError } from "../errors.ts";

/** A call that is about to be repeated. */
export interface Retry {
  /** What the call is for: `apply Deployment/apps/web`. */
  readonly action: string;
  /** The server cannot be reached, or it answers that it cannot serve the call now. */
  readonly reason: "unreachable" | "busy";
  readonly error: KubeError;
  /** How long no call has succeeded. */
  readonly sinceMs: number;
}

/** Takes what is told about repeated calls. It must not throw. */
export type OnRetry = (retry: Retry) => void;

/** An outage shorter than this is not worth a word. */
const quietTime = 2000;
/** How often a longer one is told of. */
const interval = 4000;
/** For so long after an outage the server may still be incomplete. */
const aftermath = 15_000;

/** The times at which a server did not serve calls that it should have. */
export class Outages {
  readonly #clock: Clock;
  readonly #onRetry: OnRetry | undefined;
  #began: number | undefined;
  #told = -Infinity;
  #lost = -Infinity;

  constructor(clock: Clock, onRetry: OnRetry | undefined) {
    this.#clock = clock;
    this.#onRetry = onRetry;
  }

  /** Whether the server could not be reached a moment ago. */
  get isRecent(): boolean {
    return this.#clock.now() - this.#lost < aftermath;
  }

  /** A call failed and will be repeated after a pause. */
  note(error: KubeError, call: { readonly action: string; readonly pauseMs: number }): void {
    const now = this.#clock.now();
    const isLost = isKubeError(error, "KUBE_UNREACHABLE");
    if (isLost) this.#lost = now;
    this.#began ??= now;
    const sinceMs = now - this.#began;
    const { action, pauseMs } = call;
    if (sinceMs + pauseMs < quietTime || now - this.#told < interval) return;
    this.#told = now;
    this.#onRetry?.({ action, reason: isLost ? "unreachable" : "busy", error, sinceMs });
  }

  /** A call succeeded. */
  end(): void {
    this.#began = undefined;
  }
}
