import type { RegistryContext } from "../source/open-registry.ts";

/** Does work of several parts at a time; when one fails the others are ended too. */
export async function untilFailure<Context extends RegistryContext, T>(
  context: Context,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const { signal } = context;
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  try {
    return await work({ ...context, signal: both });
  } finally {
    stop.abort();
  }
}
