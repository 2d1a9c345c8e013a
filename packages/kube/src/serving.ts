import { isKubeError } from "./errors.ts";
import type { PreparedObject } from "./prepare.ts";
import type { Run } from "./run.ts";

/** How long a kind may take to be served once its definition is established. */
const servingTime = 15_000;
const pause = 100;

/**
 * Waits until the server serves the kinds that the instance defines itself.
 *
 * @throws KubeError `KUBE_KIND_UNKNOWN`
 */
export async function waitUntilServed(run: Run, objects: readonly PreparedObject[]): Promise<void> {
  const { client, signal } = run;
  const { discovery } = client;
  const deadline = client.clock.now() + servingTime;
  for (const { ref, definedHere } of objects) {
    if (!definedHere) continue;
    while (
      (await discovery.known(ref.apiVersion, ref.kind, { signal, fresh: true })) === undefined
    ) {
      if (client.clock.now() > deadline) await discovery.fail(ref.apiVersion, ref.kind, { signal });
      await client.clock.sleep(pause, signal);
      await discovery.refresh({ signal });
    }
  }
}

/** Repeats a call on a kind that the instance defines itself while the server denies to know it. */
export async function retryWhileUnserved<T>(
  run: Run,
  object: PreparedObject,
  task: () => Promise<T>,
): Promise<T> {
  const deadline = run.client.clock.now() + servingTime;
  for (;;) {
    try {
      return await task();
    } catch (error) {
      const again = object.definedHere && isKubeError(error, "KUBE_KIND_UNKNOWN");
      if (!again || run.client.clock.now() > deadline) throw error;
      await run.client.clock.sleep(pause, run.signal);
    }
  }
}
