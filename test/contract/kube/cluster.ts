import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

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

/** A real control plane for the tests of one file. */
export interface TestCluster extends AsyncDisposable {
  readonly server: string;
  readonly kubeconfig: string;
  readonly unprivileged: string;
  readonly auditLog: string;
}

export const clusterBinary: string | undefined = process.env["TENON_TEST_CLUSTER"];

/** A suite that needs a cluster; its title says why it is skipped. */
export function describeOnCluster(title: string, suite: () => void): void {
  const reason = clusterBinary === undefined ? " (skipped: TENON_TEST_CLUSTER is not set)" : "";
  describe.skipIf(clusterBinary === undefined)(`${title}${reason}`, suite);
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
  started: (running: { readonly cluster: TestCluster; readonly client: KubeClient }) => void,
  options?: KubeClientOptions,
): void {
  let cluster: TestCluster | undefined;
  let client: KubeClient | undefined;
  beforeAll(async () => {
    cluster = await startCluster();
    client = await connect(cluster.kubeconfig, undefined, options);
    started({ cluster, client });
  });
  afterAll(async () => {
    await client?.close();
    await cluster?.[Symbol.asyncDispose]();
  });
}

async function startCluster(): Promise<TestCluster> {
  if (clusterBinary === undefined) throw new Error("TENON_TEST_CLUSTER is not set");
  const directory = await mkdtemp(join(tmpdir(), "tenon-kube-"));
  const child = spawn(clusterBinary, ["serve", "--dir", directory, "--exit-on-stdin-close"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = JSON.parse(line) as { server: string; kubeconfig: string; auditLog: string };
    return {
      ...ready,
      unprivileged: join(directory, "kubeconfig-unprivileged"),
      async [Symbol.asyncDispose]() {
        child.stdin.end();
        await ended;
        await rm(directory, { recursive: true, force: true });
      },
    };
  }
  throw new Error("the test cluster ended before it was ready");
}

/** One line of the audit log. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly stage: string;
}

/** The calls of a user agent that changed something; dry runs are none. */
export async function writesOf(cluster: TestCluster, userAgent: string): Promise<string[]> {
  return (await callsOf(cluster, userAgent))
    .filter(({ verb }) => !["get", "list", "watch"].includes(verb))
    .filter(({ requestURI }) => !requestURI.includes("dryRun=All"))
    .map(({ verb, requestURI }) => `${verb} ${requestURI.replace(/\?.*/, "")}`);
}

export async function callsOf(cluster: TestCluster, userAgent: string): Promise<AuditEvent[]> {
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
