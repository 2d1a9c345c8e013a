import { mapSettled } from "./bounded.ts";
import { KubeError, type KubeErrorCode, isKubeError } from "./errors.ts";
import { type PlannedObject, planObject } from "./plan-object.ts";
import type { PreparedObject } from "./prepare.ts";
import type { Run } from "./run.ts";

/**
 * Plans all objects of a stage. Every object that would be refused is named, not the first alone.
 *
 * @throws KubeError
 */
export async function planStage(
  run: Run,
  objects: readonly PreparedObject[],
): Promise<PlannedObject[]> {
  const results = await mapSettled(objects, (object) => planObject(run, object), run.signal);
  const errors = results.flatMap((result) => ("error" in result ? [result.error] : []));
  if (errors.length > 0) throw combine(errors);
  return results.flatMap((result) => ("value" in result ? [result.value] : []));
}

/** One error for several; alone it stays what it is. */
export function combine(errors: readonly unknown[]): Error {
  const known = errors.filter((error) => isKubeError(error));
  const unexpected = errors.find((error) => !isKubeError(error));
  if (unexpected !== undefined) return unexpected as Error;
  if (known.length === 1) return known[0]!;
  const codes = new Set<KubeErrorCode>(known.map(({ code }) => code));
  if (codes.has("KUBE_UNREACHABLE") || codes.has("KUBE_UNAUTHORIZED")) {
    return known.find(({ code }) => code === "KUBE_UNREACHABLE" || code === "KUBE_UNAUTHORIZED")!;
  }
  const [first] = known;
  const verb = known.every(({ message }) => message.startsWith("Cannot delete "))
    ? "delete"
    : "apply";
  const messages = known.map(({ message }) => message.replace(`Cannot ${verb} `, ""));
  return new KubeError(
    first!.code,
    `Cannot ${verb} ${known.length} objects: ${messages.join("; ")}`,
    {
      hint: first!.hint,
      diagnostics: messages.map((text) => ({ text, positions: [] })),
      details: {
        ...first!.details,
        errors: known.map(({ code, message, details }) => ({ code, message, details })),
      },
      cause: new AggregateError(known),
    },
  );
}
