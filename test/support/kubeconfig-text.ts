import type { ClusterInfo } from "./start-cluster.ts";

/** The parts of a kubeconfig with one cluster, one user and any number of contexts. */
export interface KubeconfigParts {
  readonly server?: string;
  /** The `user` section; the administrator's token by default. */
  readonly user?: unknown;
  /** Namespaces of the contexts by their names; the first is the current one. */
  readonly contexts?: Readonly<Record<string, string | undefined>>;
  /** More of the `cluster` section. */
  readonly cluster?: Readonly<Record<string, unknown>>;
}

/** A kubeconfig for a test cluster, as JSON, which is YAML too. */
export function kubeconfigText(info: ClusterInfo, parts: KubeconfigParts = {}): string {
  const {
    server = info.server,
    user = { token: info.token },
    contexts = { test: undefined },
  } = parts;
  const ca = Buffer.from(info.ca).toString("base64");
  const cluster = { server, "certificate-authority-data": ca, ...parts.cluster };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": Object.keys(contexts)[0],
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user }],
    contexts: Object.entries(contexts).map(([name, namespace]) => ({
      name,
      context: { cluster: "test", user: "test", ...(namespace === undefined ? {} : { namespace }) },
    })),
  });
}
