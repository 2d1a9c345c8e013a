import { messageOf } from "@tenon/core";
import { createTransport, discard } from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { needNetwork } from "../source/offline-registry.ts";

const mostBytes = 16 * 1024 * 1024;

/** A file from the network. */
export interface Download {
  /** The URL without what may be secret in it. */
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * Downloads a file over HTTPS, redirects included, without credentials, up to 16 MiB.
 *
 * @throws DeployError `DEPLOY_URL_INVALID`, `DEPLOY_DOWNLOAD_FAILED`, `DEPLOY_OFFLINE`
 */
export async function download(
  { env, signal, version, offline }: Pick<DeployContext, "env" | "signal" | "version" | "offline">,
  text: string,
): Promise<Download> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const name = url === undefined ? "the URL" : `${url.origin}${url.pathname}`;
  if (url === undefined) throw invalid(name, "it does not parse");
  if (url.protocol !== "https:") throw invalid(name, "only https:// will do");
  if (url.username !== "" || url.password !== "") throw invalid(name, "the URL holds credentials");
  needNetwork({ offline }, `download ${name}`);
  const transport = createTransport({ env, userAgent: `tenon/${version ?? "0"}` });
  try {
    const response = await transport.send({ method: "GET", url, headers: {}, signal });
    if (response.status !== 200) {
      await discard(response);
      throw failed(name, `the server answered ${response.status}`);
    }
    return { name, content: await readAll(response.body, name) };
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof DeployError ? error : failed(name, messageOf(error), error);
  } finally {
    await transport.close();
  }
}

async function readAll(body: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > mostBytes) throw failed(name, "it is larger than 16 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const hint = "Download it by other means and give the file, or - for standard input";

function invalid(name: string, reason: string): DeployError {
  return new DeployError("DEPLOY_URL_INVALID", `Cannot download ${name}: ${reason}`, { hint });
}

function failed(name: string, reason: string, cause?: unknown): DeployError {
  const message = `Cannot download ${name}: ${reason}`;
  return new DeployError("DEPLOY_DOWNLOAD_FAILED", message, { hint, cause });
}
