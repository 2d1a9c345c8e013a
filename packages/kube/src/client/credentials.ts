import { readFile } from "node:fs/promises";

import type { Clock } from "../clock.ts";
import { KubeError } from "../errors.ts";
import type { KubeConnection } from "./connection.ts";
import { type ExecCredential, runExecPlugin } from "./exec-credential.ts";

/** Headers and client certificate for the next request. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Gives the credentials of a connection, keeping those that cost something until they expire. */
export interface CredentialSource {
  get(signal?: AbortSignal): Promise<Credentials>;
  /** Forgets what is kept, after the server has refused it. Tells whether asking again may help. */
  refuse(): boolean;
}

/** A service account token is renewed on disk; client-go reads it again every minute. */
const tokenFileLifetime = 60_000;

/** Makes the credential source of a connection. */
export function createCredentials(connection: KubeConnection, clock: Clock): CredentialSource {
  const { auth } = connection;
  const renewable = auth.type === "exec" || auth.type === "token-file";
  let kept: { readonly value: Promise<ExecCredential>; expires: number } | undefined;
  async function current(signal?: AbortSignal): Promise<ExecCredential> {
    if (kept !== undefined && kept.expires > clock.now()) return kept.value;
    const entry = { value: fetchCredential(connection, signal), expires: Infinity };
    kept = entry;
    try {
      const value = await entry.value;
      entry.expires =
        value.expires ?? (auth.type === "token-file" ? clock.now() + tokenFileLifetime : Infinity);
      return value;
    } catch (error) {
      kept = undefined;
      throw error;
    }
  }
  return {
    async get(signal) {
      const headers = { ...impersonationHeaders(connection), ...(await plainHeaders(connection)) };
      if (!renewable) return { headers };
      const { token, cert, key } = await current(signal);
      return {
        headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers,
        cert,
        key,
      };
    },
    refuse() {
      kept = undefined;
      return renewable;
    },
  };
}

async function fetchCredential(
  connection: KubeConnection,
  signal: AbortSignal | undefined,
): Promise<ExecCredential> {
  const { auth, env } = connection;
  if (auth.type === "exec") {
    return runExecPlugin(auth.exec, { env, interactive: auth.interactive, signal });
  }
  if (auth.type !== "token-file") return {};
  try {
    return { token: (await readFile(auth.file, "utf8")).trim() };
  } catch (cause) {
    throw new KubeError("KUBE_CREDENTIALS_FAILED", `Cannot read token file ${auth.file}`, {
      cause,
    });
  }
}

async function plainHeaders(connection: KubeConnection): Promise<Record<string, string>> {
  const { auth } = connection;
  switch (auth.type) {
    case "token":
      return { authorization: `Bearer ${auth.token}` };
    case "basic": {
      const pair = Buffer.from(`${auth.username}:${auth.password}`).toString("base64");
      return { authorization: `Basic ${pair}` };
    }
    case "auth-provider": {
      const { authProviderHeader } = await import("./kubeconfig-file.ts");
      const header = await authProviderHeader(auth.user);
      return header === undefined ? {} : { authorization: header };
    }
    case "none":
    case "exec":
    case "token-file":
      return {};
  }
}

function impersonationHeaders(connection: KubeConnection): Record<string, string | string[]> {
  const who = connection.impersonate;
  if (who === undefined) return {};
  return {
    "impersonate-user": who.user,
    ...(who.uid === undefined ? {} : { "impersonate-uid": who.uid }),
    ...(who.groups?.length ? { "impersonate-group": [...who.groups] } : {}),
  };
}
