import type { HealthChecks, InstanceRecord } from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { buildInstance } from "../render/build-instance.ts";
import { openModule } from "../source/open-module.ts";
import { unavailableChecks } from "./health-checks.ts";

/** Who asks for a status does not wait for a registry that does not answer. */
const patience = 10_000;

/**
 * The health checks of an instance that was applied before. The record names the kinds that have
 * some; the checks themselves are in the module, which is opened again. When it cannot be, objects of
 * those kinds have the status `Unknown` with the reason.
 */
export async function recordedChecks(
  context: DeployContext,
  record: InstanceRecord,
): Promise<HealthChecks | undefined> {
  const { applied, name, namespace } = record;
  const targets = applied?.healthChecks ?? [];
  if (applied === undefined || targets.length === 0) return undefined;
  const limit = AbortSignal.timeout(patience);
  const { signal: given } = context;
  const signal = given === undefined ? limit : AbortSignal.any([given, limit]);
  const quiet: DeployContext = { ...context, signal, onEvent: undefined };
  const { repository: location, digest } = applied.module;
  const text = Buffer.from(`values: ${applied.values ?? "{}"}`);
  try {
    const isArtifact = location.startsWith("oci://");
    const module = await openModule(quiet, { location, ...(isArtifact && { digest }) });
    const values = [{ name: "recorded values", kind: "cue" as const, content: text }];
    const { liveChecks } = await buildInstance(quiet, { module, name, namespace, values });
    return liveChecks ?? unavailableChecks(targets, new Error("the module has none any more"));
  } catch (error) {
    given?.throwIfAborted();
    return unavailableChecks(targets, error);
  }
}
