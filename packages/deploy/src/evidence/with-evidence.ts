import path from "node:path";

import { redactUrls } from "@tenon/core";
import { type Change, type KubeClient, KubeError, type KubeEvent, isKubeError } from "@tenon/kube";

import type { PreparedInstance } from "../apply/prepare-instance.ts";
import type { DeployContext } from "../context.ts";
import { keepEvidence } from "./keep-evidence.ts";

/** What is applied where. */
export interface EvidenceSubject {
  readonly client: KubeClient;
  readonly prepared: PreparedInstance;
  /** Takes the events of the apply. */
  readonly onEvent?: ((event: KubeEvent) => void) | undefined;
}

/** Version of the format of evidence files. */
const formatVersion = 1;

/**
 * Runs an apply. When objects do not become ready, all that was found out about them is kept in a
 * file of the state folder, and the error names it.
 */
export async function withEvidence<T>(
  context: DeployContext,
  subject: EvidenceSubject,
  apply: (onEvent: (event: KubeEvent) => void) => Promise<T>,
): Promise<T> {
  const changes: Change[] = [];
  try {
    return await apply((event) => {
      if (event.type === "change") changes.push(event.change);
      subject.onEvent?.(event);
    });
  } catch (error) {
    if (context.stateDir === undefined || !isKubeError(error, "KUBE_NOT_READY")) throw error;
    const { name: instance, namespace } = subject.prepared.desired;
    const at = new Date(subject.client.clock.now());
    const evidence = await evidenceOf(context, subject, { error, changes, at });
    const folder = path.join(context.stateDir, "evidence");
    let file: string;
    try {
      file = await keepEvidence(folder, { instance, namespace, at }, evidence);
    } catch {
      // A full disk is not what the user has to hear of now.
      throw error;
    }
    throw withFile(error, file);
  }
}

async function evidenceOf(
  { version, signal }: DeployContext,
  { client, prepared }: EvidenceSubject,
  { error, changes, at }: { error: KubeError; changes: readonly Change[]; at: Date },
): Promise<unknown> {
  const { name, namespace, bundle, module } = prepared.desired;
  const { server, context } = client.connection;
  const kubernetes = await client.version({ signal }).catch(() => undefined);
  return {
    version: formatVersion,
    at: at.toISOString(),
    ...(version !== undefined && { tenon: version }),
    instance: name,
    namespace,
    ...(bundle !== undefined && { bundle }),
    module: {
      name: module.name,
      repository: redactUrls(module.repository),
      version: module.version,
      digest: module.digest,
    },
    cluster: { server: redactUrls(server), context, version: kubernetes?.gitVersion },
    error: { code: error.code, message: error.message },
    changes: changes.map(({ set, ref, action, reason }) => ({ set, ...ref, action, reason })),
    ...error.details,
  };
}

function withFile(error: KubeError, file: string): KubeError {
  const { code, message, diagnostics, details, hint } = error;
  const found = `the evidence is in ${file}`;
  return new KubeError(code, message, {
    hint: hint === undefined ? `Read ${file}` : `${hint}; ${found}`,
    diagnostics,
    details: { ...details, evidence: file },
    cause: error,
  });
}
