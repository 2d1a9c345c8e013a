import type { OciError } from "../errors.ts";
import type { Clock } from "./clock.ts";

/** How often and how soon a failed request is repeated. */
export interface RetryPolicy {
  /** Tries in all; 1 never repeats. */
  readonly attempts: number;
  /** Milliseconds before the first repetition; doubles each time. */
  readonly baseDelay: number;
  /** The longest pause in milliseconds, also when the server asks for a longer one. */
  readonly maxDelay: number;
}

/** Four tries within some seconds. */
export const defaultRetryPolicy: RetryPolicy = { attempts: 4, baseDelay: 400, maxDelay: 20_000 };

/** A failure that may go away by itself. Never leaves this package: `error` does. */
export class TransientFailure extends Error {
  readonly error: OciError;
  readonly retryAfter: number | undefined;

  constructor(error: OciError, retryAfter?: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.retryAfter = retryAfter;
  }
}

/** Repeats a step while it fails with {@link TransientFailure}. */
export async function retry<T>(
  step: () => Promise<T>,
  policy: RetryPolicy,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step();
    } catch (failure) {
      if (!(failure instanceof TransientFailure)) throw failure;
      if (attempt >= policy.attempts) throw failure.error;
      await clock.sleep(pause(attempt, failure.retryAfter, policy, clock), signal);
    }
  }
}

/** The pause after a failed try: exponential with jitter, or what the server asks for. */
export function pause(
  attempt: number,
  retryAfter: number | undefined,
  policy: RetryPolicy,
  clock: Clock,
): number {
  if (retryAfter !== undefined) return Math.min(Math.max(retryAfter, 0), policy.maxDelay);
  const full = Math.min(policy.baseDelay * 2 ** (attempt - 1), policy.maxDelay);
  return full / 2 + (full / 2) * clock.random();
}

/** Milliseconds that a `Retry-After` header asks for: seconds or a date. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
