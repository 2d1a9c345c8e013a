import { type RequestListener, type Server, createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

import { messageOf } from "@tenon/core";

import { OciError } from "../errors.ts";
import { isUnread } from "./body.ts";

/** Where and how a server listens. */
export interface ListenOptions {
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** Port to listen on; a free one by default. */
  readonly port?: number | undefined;
  /** Certificate chain and private key in PEM; plain HTTP without. */
  readonly tls?: ServerTls | undefined;
  /** Milliseconds for the headers of a request; 30,000 by default. */
  readonly headersTimeout?: number | undefined;
  /** Milliseconds after which a request or an answer that stands still is cut off; 60,000 by default. */
  readonly idleTimeout?: number | undefined;
  /** Connections at once, past which new ones are closed; 1,000 by default. */
  readonly maxConnections?: number | undefined;
}

/** What a server proves its name with. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
}

/** A server that listens. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** How long a connection waits for its next request, in milliseconds: longer than clients keep theirs. */
const keepAliveTimeout = 75_000;

/**
 * Listens for requests.
 *
 * @throws OciError `OCI_UNREACHABLE`, `OCI_CERTIFICATE_INVALID`
 */
export async function listen(
  options: ListenOptions,
  onRequest: RequestListener,
): Promise<Listener> {
  const server = createListener(options, (request, response) => {
    response.on("timeout", (socket: Socket) => {
      // Until there is an answer to what came whole, the wait is ours.
      if (isUnread(request) || response.headersSent) socket.destroy();
    });
    onRequest(request, response);
  });
  server.maxConnections = options.maxConnections ?? 1000;
  server.setTimeout(options.idleTimeout ?? 60_000);
  const address = await bind(server, options);
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    host: `${name}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createListener(options: ListenOptions, onRequest: RequestListener): Server {
  const headersTimeout = options.headersTimeout ?? 30_000;
  const limits = {
    // An upload may take hours: what stands still is ended by the idle timeout.
    requestTimeout: 0,
    headersTimeout,
    connectionsCheckingInterval: Math.min(headersTimeout, 5000),
    keepAliveTimeout,
  };
  if (options.tls === undefined) return createServer(limits, onRequest);
  try {
    const tls = { ...limits, ...options.tls, handshakeTimeout: headersTimeout };
    return createTlsServer(tls, onRequest);
  } catch (cause) {
    throw new OciError("OCI_CERTIFICATE_INVALID", `Cannot serve TLS: ${messageOf(cause)}`, {
      cause,
      hint: "Give a certificate and its own private key without a passphrase, in PEM",
    });
  }
}

function bind(server: Server, options: ListenOptions): Promise<AddressInfo> {
  const host = options.host ?? "127.0.0.1";
  const port = options.port ?? 0;
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `Cannot listen on ${host}:${port}: ${messageOf(cause)}`;
      reject(new OciError("OCI_UNREACHABLE", message, { cause, hint: "Choose another port" }));
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}
