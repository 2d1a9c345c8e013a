import { spawn } from "node:child_process";
import { isAbsolute, resolve } from "node:path";

import { messageOf } from "@tenon/core";

import { KubeError } from "../errors.ts";
import type { ClusterEntry } from "./kubeconfig-file.ts";

/** The `exec` section of a kubeconfig user. */
export interface ExecConfig {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly interactiveMode: "Never" | "IfAvailable" | "Always";
  readonly installHint?: string | undefined;
  /** What the plugin learns of the cluster, when it asked for it. */
  readonly cluster?: Readonly<Record<string, unknown>> | undefined;
}

/** What an exec plugin answered. */
export interface ExecCredential {
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Milliseconds since the epoch; absent when the credential does not expire. */
  readonly expires?: number | undefined;
}

/** Where a plugin is run, and by whom it is waited for. */
export interface RunExecOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interactive: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the `exec` section of a kubeconfig user.
 *
 * @throws KubeError `KUBE_CONFIG_INVALID`
 */
export function parseExecConfig(
  section: unknown,
  from: { readonly directory: string; readonly cluster: ClusterEntry | undefined },
): ExecConfig {
  const exec = section as Readonly<Record<string, unknown>>;
  const command = exec["command"];
  if (typeof command !== "string" || command === "") {
    throw new KubeError("KUBE_CONFIG_INVALID", "Cannot use exec plugin: it names no command");
  }
  const local = /[/\\]/.test(command) && !isAbsolute(command);
  return {
    apiVersion: (exec["apiVersion"] ?? "client.authentication.k8s.io/v1") as string,
    command: local ? resolve(from.directory, command) : command,
    args: Array.isArray(exec["args"]) ? exec["args"].map(String) : [],
    env: Array.isArray(exec["env"]) ? (exec["env"] as ExecConfig["env"]) : [],
    interactiveMode: (exec["interactiveMode"] ?? "IfAvailable") as ExecConfig["interactiveMode"],
    installHint: exec["installHint"] as string | undefined,
    cluster: exec["provideClusterInfo"] === true ? clusterInfo(from.cluster) : undefined,
  };
}

/**
 * Runs an exec plugin as kubectl does, with KUBERNETES_EXEC_INFO in its environment.
 *
 * @throws KubeError `KUBE_CREDENTIALS_FAILED`
 */
export async function runExecPlugin(
  exec: ExecConfig,
  options: RunExecOptions,
): Promise<ExecCredential> {
  if (exec.interactiveMode === "Always" && !options.interactive) {
    throw failed(exec, "it needs a terminal and standard input is none");
  }
  const interactive = exec.interactiveMode !== "Never" && options.interactive;
  const info = {
    kind: "ExecCredential",
    apiVersion: exec.apiVersion,
    spec: { interactive, ...(exec.cluster === undefined ? {} : { cluster: exec.cluster }) },
  };
  const env = {
    ...options.env,
    ...Object.fromEntries(exec.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
  return parseCredential(exec, await run(exec, env, interactive, options.signal));
}

function run(
  exec: ExecConfig,
  env: Record<string, string | undefined>,
  interactive: boolean,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { promise, resolve: done, reject } = deferred<string>();
  const child = spawn(exec.command, exec.args, {
    env,
    stdio: [interactive ? "inherit" : "ignore", "pipe", interactive ? "inherit" : "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.on("error", (error) => {
    if (signal?.aborted) reject(signal.reason as Error);
    else reject(failed(exec, messageOf(error), error));
  });
  child.on("close", (code) => {
    const reason = stderr.trim().slice(0, 1000);
    if (code === 0) done(stdout);
    else reject(failed(exec, `it ended with ${code}${reason === "" ? "" : `: ${reason}`}`));
  });
  return promise;
}

function parseCredential(exec: ExecConfig, text: string): ExecCredential {
  let status: Readonly<Record<string, string | undefined>>;
  try {
    const answer = JSON.parse(text) as { readonly status?: typeof status };
    status = answer.status ?? {};
  } catch (error) {
    throw failed(exec, "it printed no ExecCredential", error);
  }
  const expires = Date.parse(status["expirationTimestamp"] ?? "");
  const credential = {
    token: status["token"],
    cert: status["clientCertificateData"],
    key: status["clientKeyData"],
    expires: Number.isNaN(expires) ? undefined : expires,
  };
  if (!credential.token && !credential.cert)
    throw failed(exec, "it gave no token and no certificate");
  return credential;
}

function clusterInfo(cluster: ClusterEntry | undefined): Record<string, unknown> {
  return {
    server: cluster?.server,
    "tls-server-name": cluster?.tlsServerName,
    "insecure-skip-tls-verify": cluster?.skipTlsVerify,
    "certificate-authority-data": cluster?.caData,
    "proxy-url": cluster?.proxyUrl,
    config: null,
  };
}

function failed(exec: ExecConfig, reason: string, cause?: unknown): KubeError {
  return new KubeError(
    "KUBE_CREDENTIALS_FAILED",
    `Cannot get credentials from ${exec.command}: ${reason}`,
    { hint: exec.installHint?.trim(), cause },
  );
}

function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: Error) => void;
} {
  let settle: { resolve: (value: T) => void; reject: (reason: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle! };
}
