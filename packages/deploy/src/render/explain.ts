import { type FieldExplanation, explainField, typedValues } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { type BuildRequest, checkInstanceName } from "./build-instance.ts";
import { kubeVersionOf } from "./kube-version.ts";

/** Which field of which object to explain. */
export interface ExplainRequest extends BuildRequest {
  /** `Kind/name` or `Kind/namespace/name`. */
  readonly object: string;
  /** Such as `.spec.containers[0].image`. */
  readonly field: string;
}

/**
 * Finds out where the value of a field comes from: each place in the module, its libraries and the
 * values, and which of them decides.
 *
 * @throws SchemaError `SCHEMA_FIELD_NOT_FOUND`, and as `buildInstance`
 */
export async function explain(
  { engine, env, signal }: DeployContext,
  request: ExplainRequest,
): Promise<FieldExplanation> {
  checkInstanceName(request.name);
  const render = {
    ...request,
    moduleVersion: request.module.version,
    kubeVersion: kubeVersionOf({ env }, request),
    values: await typedValues(engine, request, request.values ?? [], { signal }),
  };
  return explainField(engine, render, request, { signal });
}
