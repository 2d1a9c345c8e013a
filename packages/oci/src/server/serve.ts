import { createHash, timingSafeEqual } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { messageOf } from "@tenon/core";

import { OciError } from "../errors.ts";
import type { Registry } from "../registry.ts";
import { handleRequest } from "./handler.ts";
import { createUploads } from "./uploads.ts";

/** Options of {@link serveRegistry}. */
export interface ServeRegistryOptions {
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** Port to listen on; a free one by default. */
  readonly port?: number | undefined;
  /** With it, every request must carry this user and password. */
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** The largest blob; 5 GiB by default. */
  readonly maxBlobBytes?: number | undefined;
  /** Uploads under way at once; 64 by default. */
  readonly maxUploads?: number | undefined;
  /** Folder for uploads under way; one of the system's by default. */
  readonly temporary?: string | undefined;
  /** Called for each request when it has been answered. */
  readonly onRequest?: ((event: RequestEvent) => void) | undefined;
}

/** One answered request. */
export interface RequestEvent {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A listening registry. */
export interface RegistryServer extends AsyncDisposable {
  /** Host and port, as a reference names them. */
  readonly host: string;
  readonly port: number;
  /** Stops listening, ends what is under way, and removes unfinished uploads. */
  close(): Promise<void>;
}

/**
 * Serves any {@link Registry} by the distribution protocol over plain HTTP.
 *
 * @throws OciError `OCI_UNREACHABLE` if it cannot listen there
 * @example
 * ```ts
 * await using server = await serveRegistry(createLayoutRegistry("./registry"));
 * // push to oci://${server.host}/org/app
 * ```
 */
export async function serveRegistry(
  registry: Registry,
  options: ServeRegistryOptions = {},
): Promise<RegistryServer> {
  const folder = await mkdtemp(join(options.temporary ?? tmpdir(), "tenon-registry-"));
  const uploads = createUploads(folder, {
    maxBlobBytes: options.maxBlobBytes ?? 5 * 1024 ** 3,
    maxUploads: options.maxUploads ?? 64,
    maxIdle: 3_600_000,
  });
  const isAllowed = basicAuth(options.credentials);
  const server = createServer(
    { requestTimeout: 0, headersTimeout: 30_000 },
    (request, response) => {
      const { method = "", url = "" } = request;
      const path = url.split("?")[0]!;
      response.once("close", () => {
        options.onRequest?.({ method, path, status: response.statusCode });
      });
      void handleRequest(request, response, { registry, uploads, isAllowed });
    },
  );
  server.setTimeout(300_000);
  let address: AddressInfo;
  try {
    address = await listen(server, options);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await rm(folder, { recursive: true, force: true });
  };
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    host: `${name}:${address.port}`,
    port: address.port,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server, options: ServeRegistryOptions): Promise<AddressInfo> {
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

function basicAuth(
  credentials: ServeRegistryOptions["credentials"],
): (authorization: string | undefined) => boolean {
  if (credentials === undefined) return () => true;
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const expected = hash(`${credentials.username}:${credentials.password}`);
  return (authorization) => {
    const match = /^basic\s+(\S+)$/i.exec(authorization ?? "");
    const given = Buffer.from(match?.[1] ?? "", "base64").toString("utf8");
    return timingSafeEqual(hash(given), expected);
  };
}
