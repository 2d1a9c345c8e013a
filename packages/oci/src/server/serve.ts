import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { LayoutRegistry } from "../layout/layout.ts";
import type { Registry } from "../registry.ts";
import { type ServerCredentials, basicAuth } from "./basic-auth.ts";
import { handleRequest } from "./handler.ts";
import { type ListenOptions, listen } from "./listen.ts";
import { createUploads } from "./uploads.ts";

/** Options of {@link serveRegistry}. */
export interface ServeRegistryOptions extends ListenOptions {
  /** With it, every request must carry this user and password. */
  readonly credentials?: ServerCredentials | undefined;
  /** Refuses all that would change something. */
  readonly readOnly?: boolean | undefined;
  /** The largest blob; 5 GiB by default. */
  readonly maxBlobBytes?: number | undefined;
  /** Uploads under way at once; 64 by default. */
  readonly maxUploads?: number | undefined;
  /** Milliseconds after which an upload that nobody goes on with is removed; an hour by default. */
  readonly uploadLifetime?: number | undefined;
  /** Folder for uploads under way; that of a layout registry, or one of the system's, by default. */
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
 * Serves any {@link Registry} by the OCI distribution protocol 1.1, over plain HTTP or TLS. An upload
 * lives as long as this server, and belongs to it alone.
 *
 * @throws OciError `OCI_UNREACHABLE` if it cannot listen there, `OCI_CERTIFICATE_INVALID`
 * @example
 * ```ts
 * await using server = await serveRegistry(createLayoutRegistry("./registry"));
 * // push to oci://${server.host}/org/app
 * ```
 */
export async function serveRegistry(
  registry: Registry | LayoutRegistry,
  options: ServeRegistryOptions = {},
): Promise<RegistryServer> {
  const folder = uploadFolder(registry, options.temporary);
  const uploads = createUploads(() => folder.path(), {
    maxBlobBytes: options.maxBlobBytes ?? 5 * 1024 ** 3,
    maxUploads: options.maxUploads ?? 64,
    maxIdle: options.uploadLifetime ?? 3_600_000,
  });
  const context = {
    registry,
    uploads,
    isAllowed: basicAuth(options.credentials),
    isReadOnly: options.readOnly ?? false,
  };
  const listener = await listen(options, (request, response) => {
    const { method = "", url = "" } = request;
    const path = url.split("?")[0]!;
    response.once("close", () => {
      options.onRequest?.({ method, path, status: response.statusCode });
    });
    void handleRequest(request, response, context);
  });
  const close = async (): Promise<void> => {
    await listener.close();
    await uploads[Symbol.asyncDispose]();
    await folder.remove();
  };
  return {
    host: listener.host,
    port: listener.port,
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface UploadFolder {
  path(): Promise<string>;
  remove(): Promise<void>;
}

/** The folder for uploads, made when the first one begins: who only reads writes nothing. */
function uploadFolder(
  registry: Registry | LayoutRegistry,
  temporary: string | undefined,
): UploadFolder {
  if (temporary === undefined && "staging" in registry) {
    return { path: () => registry.staging(), remove: () => registry.close() };
  }
  let made: Promise<string> | undefined;
  return {
    path: () => (made ??= mkdtemp(join(temporary ?? tmpdir(), "tenon-registry-"))),
    async remove() {
      if (made !== undefined) await rm(await made, { recursive: true, force: true });
    },
  };
}
