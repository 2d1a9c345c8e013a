import { pMapSettled } from "p-map";

/** Options of {@link transferAll}. */
export interface TransferAllOptions {
  /** Steps at once. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does a step for each item, several at once. At the first failure the others are aborted, and all have ended when
 * it is thrown, so that none is still writing.
 *
 * @returns the results in the order of the items
 */
export async function transferAll<T, R>(
  items: Iterable<T>,
  step: (item: T, signal: AbortSignal) => Promise<R>,
  options: TransferAllOptions,
): Promise<R[]> {
  const stop = new AbortController();
  const signals = [options.signal ?? [], stop.signal].flat();
  const signal = AbortSignal.any(signals);
  const guarded = async (item: T): Promise<R> => {
    try {
      signal.throwIfAborted();
      return await step(item, signal);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  const results = await pMapSettled(items, guarded, { concurrency: options.concurrency });
  return results.map((result) => {
    if (result.status === "rejected") throw stop.signal.reason;
    return result.value;
  });
}
