import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";

import { KubeConfig } from "@kubernetes/client-node";
import { messageOf } from "@tenon/core";

import { KubeError } from "../errors.ts";

// The only file that knows @kubernetes/client-node. It reads YAML and the fields that it knows;
// merging, credentials and connections are ours, because it differs from kubectl in all three.

/** One `cluster` entry of a kubeconfig file. */
export interface ClusterEntry {
  readonly name: string;
  readonly server: string;
  readonly caFile?: string | undefined;
  readonly caData?: string | undefined;
  readonly skipTlsVerify?: boolean | undefined;
  readonly tlsServerName?: string | undefined;
  readonly proxyUrl?: string | undefined;
}

/** One `user` entry of a kubeconfig file. */
export interface UserEntry {
  readonly name: string;
  readonly certFile?: string | undefined;
  readonly certData?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly keyData?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly exec?: unknown;
  readonly authProvider?: unknown;
  readonly as?: string | undefined;
  readonly asUid?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  /** Folder of the file, for the exec command and paths that are relative to it. */
  readonly directory: string;
}

/** One `context` entry of a kubeconfig file. */
export interface ContextEntry {
  readonly name: string;
  readonly cluster: string;
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
}

/** What one kubeconfig file, or several merged, say. */
export interface KubeConfigFile {
  readonly currentContext?: string | undefined;
  readonly clusters: readonly ClusterEntry[];
  readonly users: readonly UserEntry[];
  readonly contexts: readonly ContextEntry[];
}

/**
 * Reads one kubeconfig file; nothing comes back when it does not exist.
 *
 * @throws KubeError `KUBE_CONFIG_INVALID`
 */
export async function readKubeConfigFile(file: string): Promise<KubeConfigFile | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT") || isCode(error, "ENOTDIR")) return undefined;
    throw invalid(file, error);
  }
  try {
    return text.trim() === "" ? emptyConfig : parseKubeConfig(text, dirname(resolve(file)));
  } catch (error) {
    throw invalid(file, error);
  }
}

const emptyConfig: KubeConfigFile = { clusters: [], users: [], contexts: [] };

/** Reads the text of a kubeconfig file that stands in a folder. */
export function parseKubeConfig(text: string, directory: string): KubeConfigFile {
  const config = load(text.replaceAll(/(^|[\s{,"'])token-file(["']?\s*:)/gm, "$1ignored$2"));
  const tokenFiles = rawUserField(text, "tokenFile");
  const uids = rawUserField(text, "as-uid");
  const groups = rawUserField(text, "as-groups");
  return {
    currentContext: config.currentContext || undefined,
    contexts: config.contexts ?? [],
    clusters: config.clusters.map((cluster) => ({
      ...cluster,
      skipTlsVerify: cluster.skipTLSVerify,
      caFile: absolute(directory, cluster.caFile),
    })),
    users: config.users.map((user) => ({
      ...user,
      certFile: absolute(directory, user.certFile),
      keyFile: absolute(directory, user.keyFile),
      tokenFile: absolute(directory, scalar(tokenFiles.get(user.name))),
      as: user.impersonateUser,
      asUid: scalar(uids.get(user.name)),
      asGroups: list(groups.get(user.name)),
      directory,
    })),
  };
}

/** Merges files as kubectl does: for each name, and for the current context, the first wins. */
export function mergeKubeConfigs(files: readonly KubeConfigFile[]): KubeConfigFile {
  return {
    currentContext: files.map((file) => file.currentContext).find((name) => name !== undefined),
    clusters: firstOfEachName(files.flatMap((file) => file.clusters)),
    users: firstOfEachName(files.flatMap((file) => file.users)),
    contexts: firstOfEachName(files.flatMap((file) => file.contexts)),
  };
}

/** The Authorization header that a legacy `auth-provider` (OpenID Connect) gives. */
export async function authProviderHeader(user: UserEntry): Promise<string | undefined> {
  const config = new KubeConfig();
  const cluster = { name: "cluster", server: "https://localhost", skipTLSVerify: false };
  config.loadFromClusterAndUser(cluster, { name: user.name, authProvider: user.authProvider });
  const options: { headers: Record<string, string> } = { headers: {} };
  await config.applyToHTTPSOptions(options);
  return options.headers["Authorization"];
}

function load(text: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(text, { onInvalidEntry: "filter" });
  return config;
}

/**
 * Reads a user field that KubeConfig drops. It hands `exec` through untouched, so the field is
 * renamed to that for one more reading of the text.
 */
function rawUserField(text: string, field: string): Map<string, unknown> {
  if (!text.includes(field)) return new Map();
  const renamed = text
    .replaceAll(/(^|[\s{,"'])exec(["']?\s*:)/gm, "$1ignored$2")
    .replaceAll(/(^|[\s{,"'])token-file(["']?\s*:)/gm, "$1ignored-too$2")
    .replaceAll(new RegExp(`(^|[\\s{,"'])${field}(["']?\\s*:)`, "gm"), "$1exec$2");
  return new Map(load(renamed).users.map((user) => [user.name, user.exec as unknown]));
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  const byName = new Map<string, T>();
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return [...byName.values()];
}

function absolute(directory: string, file: string | undefined): string | undefined {
  if (!file) return undefined;
  return isAbsolute(file) ? file : resolve(directory, file);
}

function scalar(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function list(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function invalid(file: string, cause: unknown): KubeError {
  return new KubeError(
    "KUBE_CONFIG_INVALID",
    `Cannot read kubeconfig ${file}: ${messageOf(cause).split("\n", 1)[0]}`,
    { hint: "Correct the file, or name another one with --kubeconfig", cause },
  );
}
