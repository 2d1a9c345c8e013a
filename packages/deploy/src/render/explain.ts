import { type FieldExplanation, explainField } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { type BuildRequest, renderRequestOf } from "./build-request.ts";

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
  context: DeployContext,
  request: ExplainRequest,
): Promise<FieldExplanation> {
  const render = await renderRequestOf(context, request);
  return explainField(context.engine, render, request, { signal: context.signal });
}
