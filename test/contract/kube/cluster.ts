import { readFile } from "node:fs/promises";

import { type KubeObject, type ResourceSet, kubeObject } from "@tenon/core";
import {
  type DesiredInstance,
  type KubeClient,
  type KubeClientOptions,
  type KubeError,
  type KubeEvent,
  createKubeClient,
  loadKubeConfig,
} from "@tenon/kube";
import { afterAll, beforeAll, describe } from "vitest";

import { type ClusterInfo, type TestCluster, startCluster } from "../../support/start-cluster.ts";
import { needs } from "../../support/tools.ts";

export type { ClusterInfo };

/** A suite that needs a cluster; its title says why it is skipped. */
export function describeOnCluster(title: string, suite: () => void): void {
  const { missing, reason } = needs("TENON_TEST_CLUSTER");
  describe.skipIf(missing)(`${title}${reason}`, suite);
}

export async function connect(
  kubeconfig: string,
  userAgent = "tenon-test",
  options: KubeClientOptions = {},
): Promise<KubeClient> {
  return createKubeClient(await loadKubeConfig({ env: {}, kubeconfig }), { userAgent, ...options });
}

/** Gives the tests of a suite a cluster, and a client of its administrator. */
export function useCluster(
  started: (running: { readonly cluster: ClusterInfo; readonly client: KubeClient }) => void,
  options?: KubeClientOptions,
): void {
  let cluster: TestCluster | undefined;
  let client: KubeClient | undefined;
  beforeAll(async () => {
    cluster = await startCluster();
    client = await connect(cluster.info.kubeconfig, undefined, options);
    started({ cluster: cluster.info, client });
  });
  afterAll(async () => {
    await client?.close();
    await cluster?.[Symbol.asyncDispose]();
  });
}

/** One line of the audit log. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly stage: string;
}

/** The calls of a user agent that changed something; dry runs are none. */
export async function writesOf(cluster: ClusterInfo, userAgent: string): Promise<string[]> {
  return (await callsOf(cluster, userAgent))
    .filter(({ verb }) => !["get", "list", "watch"].includes(verb))
    .filter(({ requestURI }) => !requestURI.includes("dryRun=All"))
    .map(({ verb, requestURI }) => `${verb} ${requestURI.replace(/\?.*/, "")}`);
}

export async function callsOf(cluster: ClusterInfo, userAgent: string): Promise<AuditEvent[]> {
  const text = await readFile(cluster.auditLog, "utf8");
  return text
    .split("\n")
    .filter((line) => line.includes(userAgent))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter((event) => event.stage === "ResponseComplete" && event.userAgent === userAgent);
}

let counter = 0;

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${process.pid}-${++counter}`;
}

export function object(value: unknown): KubeObject {
  return kubeObject(JSON.stringify(value));
}

export function configMap(name: string, data: Record<string, string>, metadata = {}): KubeObject {
  return object({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data });
}

export function deployment(name: string, image = "nginx:1", more: object = {}): KubeObject {
  const labels = { app: name };
  const containers = [{ name: "web", image }];
  return object({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels, ...more }, spec: { containers } },
    },
  });
}

export function set(name: string, ...objects: KubeObject[]): ResourceSet {
  return { name, objects };
}

export function desired(
  name: string,
  namespace: string,
  sets: readonly ResourceSet[],
  more: Partial<DesiredInstance> = {},
): DesiredInstance {
  return {
    name,
    namespace,
    module: {
      name: "example.com/app",
      repository: "oci://example.com/app",
      version: "1.0.0",
      digest: "sha256:0",
    },
    values: "{}",
    images: [],
    sets,
    ...more,
  };
}

/** Keeps the events of a run. */
export function recorder(): { events: KubeEvent[]; onEvent: (event: KubeEvent) => void } {
  const events: KubeEvent[] = [];
  return { events, onEvent: (event) => events.push(event) };
}

/** The error that a promise ends in. */
export async function failure(promise: Promise<unknown>): Promise<KubeError> {
  try {
    await promise;
  } catch (error) {
    return error as KubeError;
  }
  throw new Error("Expected a failure, and there was none");
}
