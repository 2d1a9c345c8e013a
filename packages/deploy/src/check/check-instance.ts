import { type KubeClient, countActions, planInstance } from "@tenon/kube";
import type { ValuesInput } from "@tenon/schema";

import { type ClusterRequest, openCluster } from "../apply/open-cluster.ts";
import { type PreparedInstance, prepareInstance } from "../apply/prepare-instance.ts";
import type { DeployContext } from "../context.ts";
import { checkInstanceName } from "../render/build-request.ts";
import { type ModuleRequest, openModule } from "../source/open-module.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { checkPrepared } from "./check-prepared.ts";
import { type CheckReport, Findings } from "./check-report.ts";
import { checkServer } from "./check-server.ts";

/** What to check before it is applied. */
export interface CheckRequest extends ClusterRequest {
  /** The instance; the cluster alone is checked without. */
  readonly instance?:
    | {
        readonly name: string;
        readonly module: ModuleRequest;
        readonly values?: readonly ValuesInput[] | undefined;
        readonly package?: string | undefined;
      }
    | undefined;
}

/**
 * Checks whether an apply would work: the cluster, the registry, the module and its values, the kinds,
 * the rights, the owner, and in the end the apply itself as a dry run. Nothing is changed; what goes
 * wrong is a finding.
 *
 * @throws DeployError `DEPLOY_NAME_INVALID`
 * @throws KubeError `KUBE_CONFIG_INVALID` `KUBE_CONFIG_NOT_FOUND` `KUBE_CONTEXT_UNKNOWN`
 */
export async function checkInstance(
  context: DeployContext,
  request: CheckRequest,
): Promise<CheckReport> {
  const { instance } = request;
  if (instance !== undefined) checkInstanceName(instance.name);
  await using client = await openCluster(context, request);
  const namespace = request.namespace ?? client.connection.namespace;
  const findings = new Findings();
  const kubeVersion = await checkServer(context, client, findings);
  const report = { instance: instance?.name, namespace, items: findings.items };
  if (instance === undefined) return { ...report, access: [] };
  const module = await checkModule(context, findings, instance.module);
  if (module === undefined || kubeVersion === undefined) return { ...report, access: [] };
  const { name, values, package: cuePackage } = instance;
  const build = { module, name, namespace, values, package: cuePackage, kubeVersion };
  const prepared = await checkRender(findings, () => prepareInstance(context, build));
  if (prepared === undefined) return { ...report, access: [] };
  const { desired } = prepared;
  const access = await checkPrepared(context, client, { desired, findings });
  if (!findings.failed) await checkPlan(context, client, { desired, findings });
  return { ...report, access };
}

/** Opens a module, which proves that its registry answers and lets us in. */
export async function checkModule(
  context: DeployContext,
  findings: Findings,
  request: ModuleRequest,
): Promise<VerifiedModule | undefined> {
  const module = await findings.attempt("module", () => openModule(context, request));
  if (module === undefined) return undefined;
  const { repository, version, digest } = module;
  const where = digest === "unknown" ? repository : `${repository}:${version} ${digest}`;
  findings.add("module", "ok", where);
  return module;
}

/** Renders an instance, which proves that its values are accepted. */
export async function checkRender(
  findings: Findings,
  prepare: () => Promise<PreparedInstance>,
): Promise<PreparedInstance | undefined> {
  const prepared = await findings.attempt("render", prepare);
  if (prepared === undefined) return undefined;
  const { warnings } = prepared.rendered;
  for (const { text } of warnings) findings.add("render", "warning", text);
  const count = prepared.desired.sets.reduce((sum, { objects }) => sum + objects.length, 0);
  findings.add("render", "ok", `${count} object${count === 1 ? "" : "s"}`);
  return prepared;
}

async function checkPlan(
  { signal }: DeployContext,
  client: KubeClient,
  { desired, findings }: Pick<Parameters<typeof checkPrepared>[2], "desired" | "findings">,
): Promise<void> {
  const plan = await findings.attempt("dry run", () => planInstance(client, desired, { signal }));
  if (plan === undefined) return;
  const counts = Object.entries(countActions(plan.changes)).filter(([, count]) => count > 0);
  const text = counts.map(([action, count]) => `${count} ${action}`).join(", ");
  findings.add("dry run", "ok", text === "" ? "nothing to do" : text);
}
