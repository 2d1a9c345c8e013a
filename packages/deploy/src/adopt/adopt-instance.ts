import {
  adoptInstance as adoptOnCluster,
  planAdoption,
  type AdoptionPlan,
  type ChangeSet,
  type ForeignTool,
} from "@tenon/kube";

import type { ApplyReport, ApplyRequest } from "../apply/apply-instance.ts";
import { openCluster } from "../apply/open-cluster.ts";
import { prepareInstance } from "../apply/prepare-instance.ts";
import type { DeployContext } from "../context.ts";
import { checkInstanceName } from "../render/build-instance.ts";
import { openModule } from "../source/open-module.ts";

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
  checkInstanceName(request.name);
  const { signal, onEvent } = context;
  const [module, client] = await Promise.all([
    openModule(context, request.module),
    openCluster(context, request),
  ]);
  await using _ = client;
  const { gitVersion } = await client.version({ signal });
  const { desired, rendered, healthChecks } = await prepareInstance(context, {
    module,
    name: request.name,
    namespace: request.namespace ?? client.connection.namespace,
    values: request.values,
    package: request.package,
    kubeVersion: gitVersion.replace(/^v/, ""),
  });
  const options = { ...request, healthChecks, signal, onEvent };
  const adoption = await planAdoption(client, desired, options);
  const goes = request.dryRun !== true && (await request.confirm(adoption.plan));
  const changeSet = goes ? await adoptOnCluster(client, desired, adoption, options) : undefined;
  const { name, repository, version, digest } = module;
  return {
    module: { name, repository, version, digest },
    dryRun: request.dryRun === true,
    plan: adoption.plan,
    changeSet,
    images: rendered.images,
    warnings: rendered.warnings,
  };
}
