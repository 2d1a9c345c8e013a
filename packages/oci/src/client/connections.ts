import http, { type ClientRequest, type RequestOptions } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";

import { proxyAuthorization, proxyFor, redactUrls } from "@tenon/core";

import { OciError } from "../errors.ts";

/** Milliseconds until a connection is there, with TLS. */
export const CONNECT_TIMEOUT = 15_000 as const;

/** Options of {@link openConnections}. */
export interface ConnectionOptions {
  /** To each server at once; 1 by default. */
  readonly connections?: number | undefined;
  /** Accept any certificate. */
  readonly insecure?: boolean | undefined;
  readonly ca?: string | readonly string[] | undefined;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Connections that are kept for the next request to the same server. */
export interface Connections {
  /** Begins a request, directly or through the proxy that the environment names for its URL. */
  request(url: URL, options: ConnectionRequest): ClientRequest;
  close(): void;
}

/** How a request begins. */
export interface ConnectionRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Makes pools of connections; nothing is connected yet. */
export function openConnections(options: ConnectionOptions): Connections {
  const { connections = 1, env, insecure } = options;
  const pool = { keepAlive: true, maxSockets: connections };
  const ca = typeof options.ca === "string" ? options.ca : options.ca && [...options.ca];
  const tls = { ...pool, rejectUnauthorized: insecure !== true, ...(ca !== undefined && { ca }) };
  const plain = new http.Agent(pool);
  const secure = new https.Agent(tls);
  const toProxies = new https.Agent(pool);
  const tunnels = new Map<string, TunnelAgent>();
  const tunnelTo = (proxy: URL): TunnelAgent => {
    const tunnel = tunnels.get(proxy.href) ?? new TunnelAgent(proxy, tls);
    tunnels.set(proxy.href, tunnel);
    return tunnel;
  };
  return {
    request(url, { method, headers, signal }) {
      const asked = { method, ...(signal !== undefined && { signal }) };
      const proxy = parseProxy(proxyFor(url, env));
      if (url.protocol === "https:") {
        const agent = proxy === undefined ? secure : tunnelTo(proxy);
        return https.request(url, { ...asked, headers, agent });
      }
      if (proxy === undefined) return http.request(url, { ...asked, headers, agent: plain });
      return requestTo(proxy, {
        ...asked,
        headers: { ...headers, ...forProxy(proxy, url.host) },
        agent: proxy.protocol === "https:" ? toProxies : plain,
        path: url.href,
      });
    },
    close: () => {
      for (const agent of [plain, secure, toProxies, ...tunnels.values()]) agent.destroy();
    },
  };
}

function parseProxy(proxy: string | undefined): URL | undefined {
  if (proxy === undefined) return undefined;
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new OciError(
    "OCI_UNREACHABLE",
    `Cannot use proxy ${redactUrls(proxy)}: only http:// and https:// proxies work`,
    { hint: "Set HTTPS_PROXY and HTTP_PROXY to such, or name the host in NO_PROXY" },
  );
}

/** The headers by which a proxy is asked for another server. */
function forProxy(proxy: URL, host: string): Record<string, string> {
  const authorization = proxyAuthorization(proxy);
  return { host, ...(authorization !== undefined && { "proxy-authorization": authorization }) };
}

function requestTo(server: URL, options: RequestOptions): ClientRequest {
  // A user and password of the address would be sent as those of the server behind the proxy.
  const { hostname, port, protocol } = server;
  const { request } = protocol === "https:" ? https : http;
  return request({ hostname: hostname.replace(/^\[|\]$/g, ""), port, ...options });
}

/**
 * Connections through tunnels of one proxy.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-connect
 */
class TunnelAgent extends https.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(
    options: https.RequestOptions,
    done: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const target = `${options.host}:${options.port}`;
    const fail = (error: Error): void => done(error, undefined as never);
    const request = requestTo(this.#proxy, {
      method: "CONNECT",
      path: target,
      headers: forProxy(this.#proxy, target),
      agent: false,
      timeout: CONNECT_TIMEOUT,
    });
    request.once("timeout", () => request.destroy(connectTimeout()));
    request.once("error", fail);
    request.once("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) {
        done(null, connectTls({ ...(options as object), socket }));
      } else {
        socket.destroy();
        fail(proxyRefusal(statusCode));
      }
    });
    request.end();
  }
}

/** A request that comes to nothing, with the code of why. */
export class ConnectionFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A server that cannot be reached in time. */
export function connectTimeout(): ConnectionFailure {
  return new ConnectionFailure("ERR_CONNECT_TIMEOUT", "connecting timed out");
}

/** A proxy that opens no tunnel. */
function proxyRefusal(status = 0): ConnectionFailure {
  const code = status >= 500 ? "ERR_PROXY_FAILED" : "ERR_PROXY_REFUSED";
  return new ConnectionFailure(code, `the proxy answered ${status}`);
}
