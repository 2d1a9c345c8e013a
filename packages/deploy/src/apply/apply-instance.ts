import type { Diagnostic } from "@tenon/core";
import {
  applyInstance as applyToCluster,
  planInstance,
  type ChangeSet,
  type KubeClient,
  type RewrittenImage,
} from "@tenon/kube";
import type { ValuesInput } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { withEvidence } from "../evidence/with-evidence.ts";
import type { ModuleRequest } from "../source/open-module.ts";
import type { ClusterRequest } from "./open-cluster.ts";
import type { PreparedInstance } from "./prepare-instance.ts";
import { withPrepared } from "./with-prepared.ts";

/** What to apply, where, and how. */
export interface ApplyRequest extends ClusterRequest {
  readonly name: string;
  readonly module: ModuleRequest;
  readonly values?: readonly ValuesInput[] | undefined;
  readonly package?: string | undefined;
  /** Only tell what would be done. */
  readonly dryRun?: boolean | undefined;
  /** Wait until everything is ready (default). */
  readonly wait?: boolean | undefined;
  /** For each wait on its own, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Recreate objects whose change is refused because a field is immutable. */
  readonly force?: boolean | undefined;
  /** Take fields that other managers own. */
  readonly forceConflicts?: boolean | undefined;
  readonly overwriteOwnership?: boolean | undefined;
}

/** What an apply did, or would do. */
export interface ApplyReport {
  readonly module: {
    readonly name: string;
    readonly repository: string;
    readonly version: string;
    readonly digest: string;
    readonly mirror?: string | undefined;
  };
  readonly dryRun: boolean;
  readonly changeSet: ChangeSet;
  readonly images: readonly string[];
  readonly rewrittenImages?: readonly RewrittenImage[] | undefined;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Takes an instance from a module reference and values to healthy on a cluster: fetch, verify,
 * render, check, plan, apply, wait, prune, record.
 *
 * @throws DeployError, SchemaError, OciError, KubeError as the steps do
 */
export async function applyInstance(
  context: DeployContext,
  request: ApplyRequest,
): Promise<ApplyReport> {
  return withPrepared(context, request, async (client, prepared) => ({
    changeSet: await carryOut(context, client, prepared, request),
  }));
}

async function carryOut(
  context: DeployContext,
  client: KubeClient,
  prepared: PreparedInstance,
  request: ApplyRequest,
): Promise<ChangeSet> {
  const { desired, healthChecks } = prepared;
  const { signal, onEvent } = context;
  const { force, forceConflicts, overwriteOwnership, wait, timeoutMs } = request;
  const options = { force, forceConflicts, overwriteOwnership, signal };
  if (request.dryRun) return planInstance(client, desired, { ...options, onEvent });
  const how = { ...options, wait, timeoutMs, healthChecks };
  return withEvidence(context, { client, prepared, onEvent }, (tell) =>
    applyToCluster(client, desired, { ...how, onEvent: tell }),
  );
}
