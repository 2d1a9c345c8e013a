import { access, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { proxyFor, suggest } from "@tenon/core";

import { KubeError } from "../errors.ts";
import type { Impersonation, KubeAuth, KubeConnection, KubeTls } from "./connection.ts";
import { parseExecConfig } from "./exec-credential.ts";
import type { ClusterEntry, ContextEntry, KubeConfigFile, UserEntry } from "./kubeconfig-file.ts";

/** What {@link loadKubeConfig} needs to know; each field but `env` overrides the kubeconfig. */
export interface LoadKubeConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the one kubeconfig file to read. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly as?: string | undefined;
  readonly asUid?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  readonly tlsServerName?: string | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  /** Whether a user sits at standard input and may be asked by an exec plugin. */
  readonly interactive?: boolean | undefined;
  /** Folder of the service account when running in a pod. */
  readonly serviceAccountDirectory?: string | undefined;
}

const serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Finds the cluster to talk to as kubectl does: the file named by `kubeconfig`, else the files in
 * KUBECONFIG (missing ones are skipped, the first to say something wins), else ~/.kube/config,
 * else the service account of the pod.
 *
 * @throws KubeError `KUBE_CONFIG_NOT_FOUND` `KUBE_CONFIG_INVALID` `KUBE_CONTEXT_UNKNOWN`
 *
 * @example
 * const connection = await loadKubeConfig({ env: process.env, context: "staging" });
 */
export async function loadKubeConfig(options: LoadKubeConfigOptions): Promise<KubeConnection> {
  const { files, explicit } = kubeConfigFiles(options);
  // client-node takes half a second to load: only commands that talk to a cluster pay for it.
  const { mergeKubeConfigs, readKubeConfigFile } = await import("./kubeconfig-file.ts");
  const read = await Promise.all(files.map((file) => readKubeConfigFile(file)));
  const found = read.filter((file) => file !== undefined);
  if (explicit && found.length === 0) throw notFound(files);
  const config = mergeKubeConfigs(found);
  if (config.contexts.length > 0 || options.context !== undefined) {
    return fromContext(config, files, options);
  }
  const inCluster = await fromServiceAccount(options);
  if (inCluster !== undefined) return inCluster;
  if (options.server !== undefined) return connect(undefined, undefined, undefined, options);
  throw notFound(files);
}

function kubeConfigFiles(options: LoadKubeConfigOptions): { files: string[]; explicit: boolean } {
  if (options.kubeconfig) return { files: [options.kubeconfig], explicit: true };
  const listed = (options.env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  if (listed.length > 0) return { files: [...new Set(listed)], explicit: false };
  const home = options.env["HOME"] ?? options.env["USERPROFILE"];
  return { files: home ? [join(home, ".kube", "config")] : [], explicit: false };
}

function fromContext(
  config: KubeConfigFile,
  files: readonly string[],
  options: LoadKubeConfigOptions,
): KubeConnection {
  const name = options.context ?? config.currentContext;
  const names = config.contexts.map((context) => context.name);
  const context = config.contexts.find((entry) => entry.name === name);
  if (context === undefined) throw unknownContext(name, names, files);
  const cluster = config.clusters.find((entry) => entry.name === context.cluster);
  const user = config.users.find((entry) => entry.name === context.user);
  if (cluster === undefined && options.server === undefined) {
    throw missingEntry(context, "cluster", context.cluster, files);
  }
  if (context.user !== undefined && user === undefined && options.token === undefined) {
    throw missingEntry(context, "user", context.user, files);
  }
  return connect(context, cluster, user, options);
}

function connect(
  context: ContextEntry | undefined,
  cluster: ClusterEntry | undefined,
  user: UserEntry | undefined,
  options: LoadKubeConfigOptions,
): KubeConnection {
  const server = (options.server ?? cluster?.server ?? "").replace(/\/+$/, "");
  if (!/^https?:\/\//.test(server)) {
    throw new KubeError(
      "KUBE_CONFIG_INVALID",
      `Cannot use API server ${JSON.stringify(server)}: expected an https:// or http:// URL`,
      { hint: "Correct `server` in the kubeconfig, or give --kube-server" },
    );
  }
  return {
    server,
    context: context?.name,
    namespace: options.namespace ?? context?.namespace ?? "default",
    tls: tlsOf(cluster, user, options),
    auth: authOf(cluster, user, options),
    impersonate: impersonationOf(user, options),
    proxy: cluster?.proxyUrl ?? proxyFor(server, options.env),
    env: options.env,
  };
}

function tlsOf(
  cluster: ClusterEntry | undefined,
  user: UserEntry | undefined,
  options: LoadKubeConfigOptions,
): KubeTls {
  const ca = options.certificateAuthority;
  const cert = options.clientCertificate;
  const key = options.clientKey;
  return {
    caFile: ca ?? (cluster?.caData ? undefined : cluster?.caFile),
    ca: ca === undefined ? decode(cluster?.caData) : undefined,
    certFile: cert ?? (user?.certData ? undefined : user?.certFile),
    cert: cert === undefined ? decode(user?.certData) : undefined,
    keyFile: key ?? (user?.keyData ? undefined : user?.keyFile),
    key: key === undefined ? decode(user?.keyData) : undefined,
    serverName: options.tlsServerName ?? cluster?.tlsServerName,
    insecure: options.insecureSkipTlsVerify ?? cluster?.skipTlsVerify,
  };
}

function authOf(
  cluster: ClusterEntry | undefined,
  user: UserEntry | undefined,
  options: LoadKubeConfigOptions,
): KubeAuth {
  if (options.token) return { type: "token", token: options.token };
  if (user === undefined) return { type: "none" };
  if (user.tokenFile) return { type: "token-file", file: user.tokenFile };
  if (user.token) return { type: "token", token: user.token };
  if (user.username) {
    return { type: "basic", username: user.username, password: user.password ?? "" };
  }
  if (user.exec) {
    const exec = parseExecConfig(user.exec, { directory: user.directory, cluster });
    return { type: "exec", exec, interactive: options.interactive ?? false };
  }
  return user.authProvider ? { type: "auth-provider", user } : { type: "none" };
}

function impersonationOf(
  user: UserEntry | undefined,
  options: LoadKubeConfigOptions,
): Impersonation | undefined {
  const name = options.as ?? user?.as;
  const groups = options.asGroups?.length ? options.asGroups : user?.asGroups;
  const uid = options.asUid ?? user?.asUid;
  if (name) return { user: name, uid, groups };
  if (groups === undefined && uid === undefined) return undefined;
  throw new KubeError(
    "KUBE_CONFIG_INVALID",
    "Cannot impersonate a group or uid: no user to impersonate is given",
    { hint: "Add --kube-as <user>" },
  );
}

async function fromServiceAccount(
  options: LoadKubeConfigOptions,
): Promise<KubeConnection | undefined> {
  const host = options.env["KUBERNETES_SERVICE_HOST"];
  const port = options.env["KUBERNETES_SERVICE_PORT"];
  const directory = options.serviceAccountDirectory ?? serviceAccountDirectory;
  if (!host || !port || !(await exists(join(directory, "token")))) return undefined;
  const namespace = await readFile(join(directory, "namespace"), "utf8").catch(() => "default");
  const server = options.server ?? `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const cluster = { name: "in-cluster", server, caFile: join(directory, "ca.crt") };
  const user = { name: "in-cluster", tokenFile: join(directory, "token"), directory };
  const context = { name: "in-cluster", cluster: "in-cluster", namespace: namespace.trim() };
  return connect(context, cluster, user, options);
}

function decode(base64: string | undefined): string | undefined {
  return base64 ? Buffer.from(base64, "base64").toString("utf8") : undefined;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function notFound(files: readonly string[]): KubeError {
  const where = files.length === 0 ? "" : ` at ${files.join(" or ")}`;
  return new KubeError("KUBE_CONFIG_NOT_FOUND", `Cannot find a kubeconfig${where}`, {
    hint: "Set KUBECONFIG or pass --kubeconfig <file>",
    details: { files },
  });
}

function unknownContext(
  name: string | undefined,
  names: readonly string[],
  files: readonly string[],
): KubeError {
  const near = name === undefined ? undefined : suggest(name, names);
  const known = names.length === 0 ? "there are none" : `there are ${names.join(", ")}`;
  const message =
    name === undefined
      ? `Cannot choose a context from ${files.join(" and ")}: none is current; ${known}`
      : `Cannot find context ${JSON.stringify(name)} in ${files.join(" and ")}: ${known}`;
  const hint = near === undefined ? "Pass --kube-context <name>" : `Did you mean ${near}?`;
  return new KubeError("KUBE_CONTEXT_UNKNOWN", message, { hint, details: { contexts: names } });
}

function missingEntry(
  context: ContextEntry,
  what: string,
  name: string,
  files: readonly string[],
): KubeError {
  return new KubeError(
    "KUBE_CONFIG_INVALID",
    `Cannot use context ${context.name}: ${what} ${JSON.stringify(name)} is not in ${files.join(" and ")}`,
    { hint: "Add it, or choose another context with --kube-context" },
  );
}
