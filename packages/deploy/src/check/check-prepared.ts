import {
  type ApiResource,
  type DesiredInstance,
  type Instance,
  type KubeClient,
  checkOwnership,
  getInstance,
  hasNamespace,
  holderText,
  isKubeError,
  needsOfApply,
} from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { checkAccess, checkKinds } from "./check-access.ts";
import type { CheckReport, Findings } from "./check-report.ts";

/** What is checked of an instance on a cluster. */
export interface PreparedCheck {
  readonly desired: DesiredInstance;
  readonly findings: Findings;
  /** Kinds that other instances of the same bundle define. */
  readonly definitions?: ReadonlyMap<string, ApiResource> | undefined;
}

/** Checks kinds, namespace, rights and owner of a rendered instance. Nothing is changed. */
export async function checkPrepared(
  context: DeployContext,
  client: KubeClient,
  { desired, findings, definitions }: PreparedCheck,
): Promise<CheckReport["access"]> {
  const { signal } = context;
  const instance = await findInstance(context, client, desired);
  const createsNamespace = await checkNamespace(context, client, { desired, findings });
  const needs = await findings.attempt("kinds", () => {
    const known = { record: instance?.record, createsNamespace, definitions };
    return needsOfApply(client, desired, { ...known, signal });
  });
  if (needs === undefined) return [];
  checkKinds(needs, findings);
  await checkAccess(context, client, { access: needs.access, findings });
  await checkOwner(context, client, { desired, findings, instance });
  return needs.access;
}

async function findInstance(
  { signal }: DeployContext,
  client: KubeClient,
  { name, namespace }: DesiredInstance,
): Promise<Instance | undefined> {
  try {
    return await getInstance(client, name, namespace, { signal });
  } catch (error) {
    // What is wrong with the record, or with the rights to read it, is told by a later check.
    if (isKubeError(error)) return undefined;
    throw error;
  }
}

/** Tells whether the namespace is to be made. */
async function checkNamespace(
  { signal }: DeployContext,
  client: KubeClient,
  { desired, findings }: PreparedCheck,
): Promise<boolean> {
  const { namespace: name } = desired;
  const found = await hasNamespace(client, name, { signal });
  const unknown = "is taken to exist: the user may not look";
  const state = found === undefined ? unknown : found ? "exists" : "will be made";
  findings.add("namespace", "ok", `${name} ${state}`);
  return found === false;
}

async function checkOwner(
  { signal }: DeployContext,
  client: KubeClient,
  { desired, findings, instance }: PreparedCheck & { readonly instance: Instance | undefined },
): Promise<void> {
  const readable = await findings.attempt("instance", () => mayChange(client, desired, { signal }));
  if (readable !== true) return;
  if (instance === undefined) {
    findings.add("instance", "ok", `${desired.name} is new`);
    return;
  }
  const { state, revision, holder } = instance;
  const name = `${desired.name}, revision ${revision}`;
  if (state === "applied") findings.add("instance", "ok", name);
  else if (state === "pending" && holder !== undefined) {
    const hint = `Wait for ${holderText(holder)} to end`;
    findings.add("instance", "warning", `${name}: another run is changing it`, hint);
  } else {
    const hint = "The next apply completes it; see `tenon status`";
    findings.add("instance", "warning", `${name}: the last run did not come to its end`, hint);
  }
}

/**
 * Makes sure that an instance is ours to change. Whose it is cannot be told where the record may not be
 * read, which is one of the rights that are missing.
 */
async function mayChange(
  client: KubeClient,
  desired: DesiredInstance,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  try {
    await checkOwnership(client, [desired], options);
    return true;
  } catch (error) {
    if (isKubeError(error, "KUBE_FORBIDDEN")) return false;
    throw error;
  }
}
