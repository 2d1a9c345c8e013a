import { type ApiResource, type KubeClient, definedResources } from "@tenon/kube";
import { type BundleInstance, inBundleFiles } from "@tenon/schema";

import { openCluster } from "../apply/open-cluster.ts";
import { type PreparedInstance, prepareInstance } from "../apply/prepare-instance.ts";
import { moduleRequest } from "../bundle/module-request.ts";
import { type BundleRequest, type OpenedBundle, openBundle } from "../bundle/open-bundle.ts";
import type { DeployContext } from "../context.ts";
import { withLock } from "../lock/with-lock.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { checkModule, checkRender } from "./check-instance.ts";
import { checkPrepared } from "./check-prepared.ts";
import { type CheckReport, Findings } from "./check-report.ts";
import { checkServer } from "./check-server.ts";

/** Which bundle to check, and on which clusters. */
export interface CheckBundleRequest extends BundleRequest {
  /** Credentials for the registries. */
  readonly creds?: string | undefined;
}

/**
 * Checks whether applying a bundle would work: for each cluster a report of its own, then one for each
 * instance on it. Nothing is changed; what goes wrong on a cluster or with an instance is a finding.
 *
 * @throws SchemaError `SCHEMA_BUNDLE_INVALID` `SCHEMA_RUNTIME_INVALID`
 * @throws DeployError `DEPLOY_BUNDLE_UNREADABLE`
 * @throws KubeError `KUBE_CONFIG_INVALID` `KUBE_CONFIG_NOT_FOUND` `KUBE_CONTEXT_UNKNOWN`
 */
export async function checkBundle(
  unlocked: DeployContext,
  request: CheckBundleRequest,
): Promise<readonly CheckReport[]> {
  const context = await withLock(unlocked, request);
  const opened = await openBundle(context, request);
  const reports: CheckReport[] = [];
  for (const one of opened) reports.push(...(await checkCluster(context, request, one)));
  return reports;
}

async function checkCluster(
  context: DeployContext,
  request: CheckBundleRequest,
  opened: OpenedBundle,
): Promise<CheckReport[]> {
  const { name, kubeContext } = opened.cluster;
  const cluster = { ...request.kube, ...(kubeContext !== undefined && { context: kubeContext }) };
  await using client = await openCluster(context, { cluster });
  const server = new Findings();
  const kubeVersion = await checkServer(context, client, server);
  const own: CheckReport = { cluster: name, items: server.items, access: [] };
  if (kubeVersion === undefined) return [own];
  const members = await prepareMembers(context, request, { opened, kubeVersion });
  const definitions = new Map(
    members.flatMap(({ prepared }) =>
      prepared === undefined ? [] : [...definedResources(prepared.desired)],
    ),
  );
  const reports: CheckReport[] = [];
  for (const member of members) {
    const access = await checkMember(context, client, { member, definitions });
    const { instance, findings } = member;
    const { name: instanceName, namespace } = instance;
    reports.push({
      cluster: name,
      instance: instanceName,
      namespace,
      items: findings.items,
      access,
    });
  }
  return [own, ...reports];
}

interface Member {
  readonly instance: BundleInstance;
  readonly findings: Findings;
  readonly prepared: PreparedInstance | undefined;
}

async function prepareMembers(
  context: DeployContext,
  { creds }: CheckBundleRequest,
  from: { readonly opened: OpenedBundle; readonly kubeVersion: string },
): Promise<Member[]> {
  const { bundle } = from.opened;
  const modules = new Map<string, VerifiedModule>();
  const members: Member[] = [];
  for (const instance of bundle.instances) {
    const findings = new Findings();
    const request = moduleRequest(instance.module, creds);
    const place = JSON.stringify(request);
    const module = modules.get(place) ?? (await checkModule(context, findings, request));
    if (module === undefined) {
      members.push({ instance, findings, prepared: undefined });
      continue;
    }
    modules.set(place, module);
    const prepared = await checkRender(findings, () =>
      prepareMember(context, { ...from, instance, module }),
    );
    members.push({ instance, findings, prepared });
  }
  return members;
}

async function prepareMember(
  context: DeployContext,
  from: {
    readonly opened: OpenedBundle;
    readonly kubeVersion: string;
    readonly instance: BundleInstance;
    readonly module: VerifiedModule;
  },
): Promise<PreparedInstance> {
  const { opened, instance, module, kubeVersion } = from;
  const { name, namespace, values, patches } = instance;
  const request = { module, name, namespace, kubeVersion, values: [values], patches };
  try {
    return await prepareInstance(context, { ...request, bundle: opened.bundle.name });
  } catch (error) {
    throw await inBundleFiles(opened.bundle, name, error);
  }
}

async function checkMember(
  context: DeployContext,
  client: KubeClient,
  { member, definitions }: { member: Member; definitions: ReadonlyMap<string, ApiResource> },
): Promise<CheckReport["access"]> {
  const { prepared, findings } = member;
  if (prepared === undefined) return [];
  return checkPrepared(context, client, { desired: prepared.desired, findings, definitions });
}
