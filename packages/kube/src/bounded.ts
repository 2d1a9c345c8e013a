import pMap from "p-map";

/** Parallel calls on one API server; more gain nothing. */
export const parallelCalls = 8;

/**
 * Maps items with bounded concurrency. After the first failure no further item is started; those
 * under way are waited for, and then that failure is thrown.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  let failure: { readonly error: unknown } | undefined;
  const results = await pMap(
    items,
    async (item) => {
      if (failure !== undefined) return undefined;
      try {
        signal?.throwIfAborted();
        return await task(item);
      } catch (error) {
        failure ??= { error };
        return undefined;
      }
    },
    { concurrency: parallelCalls },
  );
  if (failure !== undefined) throw failure.error;
  return results as R[];
}

/** Maps all items, keeping the failure of each in its place. */
export async function mapSettled<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
  signal?: AbortSignal,
): Promise<({ readonly value: R } | { readonly error: unknown })[]> {
  const results = await mapBounded(items, async (item) => {
    signal?.throwIfAborted();
    try {
      return { value: await task(item) };
    } catch (error) {
      signal?.throwIfAborted();
      return { error };
    }
  });
  return results;
}
