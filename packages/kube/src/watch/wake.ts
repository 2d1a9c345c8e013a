import type { Clock } from "../clock.ts";

/** Wakes one sleeper from many places. */
export class Wake {
  #rung = false;
  #stop: AbortController | undefined;

  /** Ends the sleep that goes on, or the next one at once. */
  ring(): void {
    this.#rung = true;
    this.#stop?.abort();
  }

  /** Sleeps until the time is over or something rings; rejects with the reason of the signal. */
  async sleep(clock: Clock, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#rung) {
      const stop = new AbortController();
      this.#stop = stop;
      const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
      await clock.sleep(milliseconds, both).catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      });
      this.#stop = undefined;
      signal?.throwIfAborted();
    }
    this.#rung = false;
  }
}
