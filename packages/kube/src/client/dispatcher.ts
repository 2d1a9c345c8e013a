import { readFile } from "node:fs/promises";

import { messageOf, proxyAuthorization, redactUrls } from "@tenon/core";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

import { KubeError } from "../errors.ts";
import type { KubeConnection } from "./connection.ts";
import type { Credentials } from "./credentials.ts";

/** Calls are bounded where they are made; each watch keeps one connection for itself. */
const connections = 64;

/** Opens the pool that all requests of a client go through. */
export async function createDispatcher(
  connection: KubeConnection,
  credentials: Credentials,
): Promise<Dispatcher> {
  const tls = await tlsOptions(connection, credentials);
  const common = { connections, pipelining: 1, keepAliveTimeout: 30_000 };
  if (connection.proxy === undefined) {
    return new Agent({ ...common, connect: { ...tls, timeout: 10_000 } });
  }
  const proxy = new URL(connection.proxy);
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:") {
    throw new KubeError(
      "KUBE_CONFIG_INVALID",
      `Cannot use proxy ${redactUrls(connection.proxy)}: only http:// and https:// proxies work`,
    );
  }
  const token = proxyAuthorization(proxy);
  return new ProxyAgent({
    ...common,
    uri: proxy.href,
    requestTls: tls,
    ...(token !== undefined && { token }),
  });
}

async function tlsOptions(
  { tls }: KubeConnection,
  credentials: Credentials,
): Promise<Record<string, string | boolean>> {
  const ca = tls.ca ?? (await pem(tls.caFile));
  const cert = credentials.cert ?? tls.cert ?? (await pem(tls.certFile));
  const key = credentials.key ?? tls.key ?? (await pem(tls.keyFile));
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

async function pem(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new KubeError("KUBE_CONFIG_INVALID", `Cannot read ${file}: ${messageOf(cause)}`, {
      cause,
    });
  }
}
