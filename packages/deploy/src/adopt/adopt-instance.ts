import {
  adoptInstance as adoptOnCluster,
  planAdoption,
  type AdoptionPlan,
  type ChangeSet,
  type ForeignTool,
} from "@tenon/kube";

import type { ApplyReport, ApplyRequest } from "../apply/apply-instance.ts";
import { withPrepared } from "../apply/with-prepared.ts";
import type { DeployContext } from "../context.ts";

/** What to adopt, from whom, and how. */
export interface AdoptRequest extends Omit<ApplyRequest, "force"> {
  readonly tool: ForeignTool;
  /** Name that the instance has with the tool, or `namespace/name`; its own name unless given. */
  readonly fromName?: string | undefined;
  /** Field managers that count as the tool's beside its own. */
  readonly managers?: readonly string[] | undefined;
  /** Delete what the tool has and the render has not. */
  readonly prune?: boolean | undefined;
  /** Reads the documents of a YAML text: the manifests of Helm are in YAML. */
  readonly parseYaml: (text: string) => readonly unknown[];
  /** Sees what would be done; without a yes nothing is. */
  readonly confirm: (plan: AdoptionPlan) => Promise<boolean>;
}

/** What adopting did, or would do. */
export interface AdoptReport extends Omit<ApplyReport, "changeSet"> {
  readonly plan: AdoptionPlan;
  /** What the apply did; absent when nothing was done. */
  readonly changeSet?: ChangeSet | undefined;
}

/**
 * Takes an instance over from another tool: renders it, compares it with what is there, asks, moves
 * the ownership of the fields, applies.
 *
 * @throws DeployError, SchemaError, OciError, KubeError as the steps do
 */
export async function adoptInstance(
  context: DeployContext,
  request: AdoptRequest,
): Promise<AdoptReport> {
  return withPrepared(context, request, async (client, { desired, healthChecks }) => {
    const { signal, onEvent } = context;
    const options = { ...request, healthChecks, signal, onEvent };
    const adoption = await planAdoption(client, desired, options);
    const goes = request.dryRun !== true && (await request.confirm(adoption.plan));
    const changeSet = goes ? await adoptOnCluster(client, desired, adoption, options) : undefined;
    return { plan: adoption.plan, changeSet };
  });
}
