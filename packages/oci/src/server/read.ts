import { pipeline } from "node:stream/promises";

import { parseDigest } from "@tenon/core";

import { unknownBlob } from "../missing.ts";
import type { Exchange } from "./context.ts";
import { replyBytes, replyEmpty } from "./reply.ts";

/** GET and HEAD of a manifest. */
export async function readManifest(
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { registry, response, signal } = exchange;
  const { bytes, descriptor } = await registry.readManifest(repository, reference, { signal });
  replyBytes(response, 200, bytes, {
    "content-type": descriptor.mediaType,
    "docker-content-digest": descriptor.digest,
    etag: `"${descriptor.digest}"`,
  });
}

/** GET and HEAD of a blob, whole or a range of it. */
export async function readBlob(
  exchange: Exchange,
  repository: string,
  text: string,
): Promise<void> {
  const { registry, request, response, signal } = exchange;
  const digest = parseDigest(text);
  const size = await registry.statBlob(repository, digest, { signal });
  if (size === undefined) throw unknownBlob(repository, digest);
  const headers = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
    etag: `"${digest}"`,
  };
  if (request.method === "HEAD") {
    replyEmpty(response, 200, { ...headers, "content-length": size });
    return;
  }
  const range = parseRange(request.headers.range, size);
  if (range === "unsatisfiable") {
    replyEmpty(response, 416, { "content-range": `bytes */${size}` });
    return;
  }
  const { stream } = await registry.readBlob(repository, { digest, size }, { ...range, signal });
  const { start, end } = range ?? { start: 0, end: size };
  const part = range && { "content-range": `bytes ${start}-${end - 1}/${size}` };
  // Who waits for bytes that never come is cut off.
  response.strictContentLength = true;
  response.writeHead(part ? 206 : 200, { ...headers, ...part, "content-length": end - start });
  await pipeline(stream, response);
}

/** The one range of a `Range` header; nothing when the whole is to be sent. */
export function parseRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(" ", "") ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const last = match[2] === "" ? size - 1 : Number(match[2]);
  if (match[1] === "") {
    return last === 0 || size === 0
      ? "unsatisfiable"
      : { start: Math.max(0, size - last), end: size };
  }
  const start = Number(match[1]);
  if (start >= size || last < start) return "unsatisfiable";
  return { start, end: Math.min(last + 1, size) };
}
