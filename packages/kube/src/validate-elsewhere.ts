import { setMember } from "@tenon/core";

import { mapSettled } from "./bounded.ts";
import { resourcePath } from "./client/resource-path.ts";
import { isKubeError } from "./errors.ts";
import { fieldManager } from "./identity.ts";
import type { PlannedObject } from "./plan-object.ts";
import { combine } from "./plan-stage.ts";
import type { PreparedObject } from "./prepare.ts";
import type { Run } from "./run.ts";

/** A namespace that every cluster has. */
const otherNamespace = "default";

/**
 * Checks objects of which the namespace is still to be made, by a dry run of their creation in another
 * one. Only what the server finds invalid in an object counts: rights, quotas, policies and what else
 * exists there say nothing about the namespace that is to come.
 *
 * @throws KubeError `KUBE_INVALID`
 */
export async function validateElsewhere(
  run: Run,
  planned: readonly PlannedObject[],
): Promise<void> {
  const homeless = planned.filter(
    ({ unverified, object }) => unverified && run.missingNamespaces.has(object.ref.namespace ?? ""),
  );
  const results = await mapSettled(homeless, ({ object }) => validate(run, object), run.signal);
  const errors = results.flatMap((result) => ("error" in result ? [result.error] : []));
  const invalid = errors.filter((error) => isKubeError(error, "KUBE_INVALID"));
  if (invalid.length > 0) throw combine(invalid);
}

async function validate(run: Run, object: PreparedObject): Promise<void> {
  const { kind, namespace, name } = object.ref;
  await run.client.request({
    method: "POST",
    path: resourcePath(object.resource, otherNamespace),
    query: { dryRun: "All", fieldManager, fieldValidation: "Warn" },
    body: setMember(object.json, ["metadata", "namespace"], JSON.stringify(otherNamespace)),
    action: `apply ${kind}/${namespace}/${name}`,
    idempotent: true,
    signal: run.signal,
  });
}
