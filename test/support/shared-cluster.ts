import { inject } from "vitest";

import { outputOf } from "./run-process.ts";
import type { ClusterInfo } from "./start-cluster.ts";
import { toolPath } from "./tools.ts";

declare module "vitest" {
  interface ProvidedContext {
    cluster: ClusterInfo | undefined;
  }
}

/** The one API server of a run of the end-to-end tests. */
export function sharedCluster(): ClusterInfo {
  const cluster = inject("cluster");
  if (cluster === undefined) throw new Error("TENON_TEST_CLUSTER is not set");
  return cluster;
}

/** Runs kubectl as the administrator and returns what it printed on stdout. */
export function kubectl(...args: string[]): Promise<string> {
  const env = { ...process.env, KUBECONFIG: sharedCluster().kubeconfig };
  return outputOf(toolPath("TENON_TEST_KUBECTL"), args, { env });
}

/** The same with a text on stdin. */
export function kubectlWith(input: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, KUBECONFIG: sharedCluster().kubeconfig };
  return outputOf(toolPath("TENON_TEST_KUBECTL"), args, { env, input });
}

/** A live object or list, as kubectl prints it in JSON. */
export interface KubectlObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly subresource?: string;
    }[];
  };
  readonly [key: string]: unknown;
}

/** The objects that `kubectl get` finds. */
export async function kubectlGet(...args: string[]): Promise<KubectlObject[]> {
  const text = await kubectl("get", ...args, "--show-managed-fields", "-o", "json");
  const answer = JSON.parse(text) as KubectlObject & { items?: KubectlObject[] };
  return answer.items ?? [answer];
}

/** Who manages fields of an object, its status aside: `kubectl Apply`. */
export function managersOf({ metadata }: KubectlObject): string[] {
  return (metadata.managedFields ?? [])
    .filter(({ subresource }) => !subresource)
    .map(({ manager, operation }) => `${manager} ${operation}`);
}

let names = 0;

/** A name for a namespace that no other test uses. It is not created. */
export function newNamespace(prefix: string): string {
  return `${prefix}-${process.pid}-${++names}`;
}
