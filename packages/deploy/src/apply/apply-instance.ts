import type { Diagnostic } from "@tenon/core";
import type { ValueSource } from "@tenon/cue-wasm";
import {
  applyInstance as applyToCluster,
  planInstance,
  type ChangeSet,
  type DesiredInstance,
  type KubeClient,
} from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import {
  buildInstance,
  checkInstanceName,
  type RenderedInstance,
} from "../render/build-instance.ts";
import { openModule, type ModuleRequest } from "../source/open-module.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { openCluster, type ClusterRequest } from "./open-cluster.ts";
import { secretWords } from "./secret-words.ts";

/** What to apply, where, and how. */
export interface ApplyRequest extends ClusterRequest {
  readonly name: string;
  readonly module: ModuleRequest;
  readonly values?: readonly ValueSource[] | undefined;
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
  };
  readonly dryRun: boolean;
  readonly changeSet: ChangeSet;
  readonly images: readonly string[];
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
  checkInstanceName(request.name);
  const [module, client] = await Promise.all([
    openModule(context, request.module),
    openCluster(context, request),
  ]);
  await using _ = client;
  const namespace = request.namespace ?? client.connection.namespace;
  const { gitVersion } = await client.version({ signal: context.signal });
  const rendered = await buildInstance(context, {
    module,
    name: request.name,
    namespace,
    values: request.values,
    package: request.package,
    kubeVersion: gitVersion.replace(/^v/, ""),
  });
  const desired = await desiredInstance(context, {
    name: request.name,
    namespace,
    module,
    rendered,
  });
  const changeSet = await carryOut(context, client, desired, request);
  const { name, repository, version, digest } = module;
  return {
    module: { name, repository, version, digest },
    dryRun: request.dryRun === true,
    changeSet,
    images: rendered.images,
    warnings: rendered.warnings,
  };
}

async function carryOut(
  context: DeployContext,
  client: KubeClient,
  desired: DesiredInstance,
  request: ApplyRequest,
): Promise<ChangeSet> {
  const { signal, onEvent } = context;
  const { force, forceConflicts, overwriteOwnership, wait, timeoutMs } = request;
  const options = { force, forceConflicts, overwriteOwnership, signal, onEvent };
  if (request.dryRun) return planInstance(client, desired, options);
  return applyToCluster(client, desired, { ...options, wait, timeoutMs });
}

/** What the cluster is to hold. Values that end up in Secrets are masked before they are recorded. */
async function desiredInstance(
  context: DeployContext,
  from: {
    readonly name: string;
    readonly namespace: string;
    readonly module: VerifiedModule;
    readonly rendered: RenderedInstance;
  },
): Promise<DesiredInstance> {
  const { module, rendered } = from;
  const words = secretWords(rendered.sets);
  const values =
    words.length === 0 ? rendered.values : await context.engine.mask(rendered.values, words);
  const { name, repository, version, digest, annotations } = module;
  return {
    name: from.name,
    namespace: from.namespace,
    module: {
      name,
      repository,
      version,
      digest,
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    values: values.trim(),
    images: rendered.images,
    sets: rendered.sets,
  };
}
