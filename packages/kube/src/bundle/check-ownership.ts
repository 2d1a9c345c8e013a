import { mapSettled } from "../bounded.ts";
import type { KubeClient } from "../client/kube-client.ts";
import type { DesiredInstance } from "../desired.ts";
import { KubeError, isKubeError } from "../errors.ts";
import { checkInstance } from "../plan.ts";
import { instanceRecords } from "../record-store.ts";
import type { PlanOptions } from "../run.ts";

/**
 * Rejects instances that are not ours to change, all of them together, before any is changed.
 *
 * @throws KubeError `KUBE_BUNDLE_CONFLICT` `KUBE_MANAGED_BY_TIMONI` `KUBE_RECORD_INVALID`
 */
export async function checkOwnership(
  client: KubeClient,
  instances: readonly DesiredInstance[],
  options: PlanOptions = {},
): Promise<void> {
  const { reads, signal } = options;
  const results = await mapSettled(
    instances,
    async (desired) => {
      const shared = await reads?.peek(desired, { signal });
      const stored =
        shared === undefined
          ? await instanceRecords.read(client, desired, { signal })
          : shared.stored;
      await checkInstance(client, desired, stored, options);
    },
    signal,
  );
  const errors = results.flatMap((result) => ("error" in result ? [result.error] : []));
  if (errors.length > 0) throw together(errors);
}

function together(errors: readonly unknown[]): unknown {
  const known = errors.filter((error) => isKubeError(error));
  const [first] = known;
  // What nobody expected, or what concerns the cluster as a whole, says it all.
  const alone =
    errors.find((error) => !isKubeError(error)) ??
    known.find((error) => isKubeError(error, "KUBE_UNREACHABLE", "KUBE_UNAUTHORIZED"));
  if (alone !== undefined) return alone;
  if (first === undefined || known.length === 1) return first;
  const texts = known.map(({ message }) => message.replace(/^Cannot (apply|read) /, ""));
  return new KubeError(first.code, `Cannot apply ${known.length} instances: ${texts.join("; ")}`, {
    hint: first.hint,
    diagnostics: texts.map((text) => ({ text, positions: [] })),
    details: { errors: known.map(({ code, message, details }) => ({ code, message, details })) },
    cause: new AggregateError(known),
  });
}
