import { suggest } from "@tenon/core";
import {
  type BundleInstance,
  type FieldExplanation,
  SchemaError,
  explainInBundle,
} from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { withLock } from "../lock/with-lock.ts";
import { explain } from "../render/explain.ts";
import { kubeVersionOf } from "../render/kube-version.ts";
import { openModule } from "../source/open-module.ts";
import { type BuildBundleRequest, openOneCluster } from "./build-bundle.ts";
import { moduleRequest } from "./module-request.ts";
import type { OpenedBundle } from "./open-bundle.ts";

/** Which field of which object of which instance of a bundle to explain. */
export interface ExplainMemberRequest extends BuildBundleRequest {
  readonly instance: string;
  /** `Kind/name` or `Kind/namespace/name`. */
  readonly object: string;
  /** Such as `.spec.containers[0].image`. */
  readonly field: string;
}

/**
 * Finds out where the value of a field of an instance comes from, with what the bundle and its runtime
 * give.
 *
 * @throws SchemaError `SCHEMA_FIELD_NOT_FOUND`; SchemaError, OciError, DeployError as `buildBundle`
 */
export async function explainMember(
  unlocked: DeployContext,
  request: ExplainMemberRequest,
): Promise<FieldExplanation> {
  const context = await withLock(unlocked, request);
  const { object, field, creds } = request;
  const { bundle } = await openOneCluster(context, request, "explain");
  const instance = instanceOf(bundle, request.instance);
  const { name, namespace, values, patches } = instance;
  const module = await openModule(context, moduleRequest(instance.module, creds));
  const kubeVersion = kubeVersionOf(context, request);
  const explained = await explain(context, {
    module,
    name,
    namespace,
    package: request.package,
    kubeVersion,
    patches,
    object,
    field,
    values: [values],
  });
  return explainInBundle(bundle, instance, explained);
}

function instanceOf(
  { name: bundle, instances }: OpenedBundle["bundle"],
  name: string,
): BundleInstance {
  const found = instances.find((instance) => instance.name === name);
  if (found !== undefined) return found;
  const names = instances.map((instance) => instance.name);
  const close = suggest(name, names);
  const message = `Cannot explain instance ${name}: bundle ${bundle} has none of that name`;
  const hint = close === undefined ? `It has ${names.join(", ")}` : `Did you mean ${close}?`;
  throw new SchemaError("SCHEMA_FIELD_NOT_FOUND", message, { hint });
}
