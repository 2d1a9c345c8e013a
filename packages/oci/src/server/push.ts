import { type Digest, isDigest, parseDigest, sha256 } from "@tenon/core";

import { checkDigest } from "../content/verify.ts";
import { readAll } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import { parseManifest } from "../manifest.ts";
import { parseRepository } from "../reference.ts";
import { MAX_MANIFEST_BYTES } from "../registry.ts";
import type { Exchange } from "./context.ts";
import { replyEmpty } from "./reply.ts";
import { readDigest } from "./route.ts";
import type { Upload } from "./uploads.ts";

/** PUT of a manifest. */
export async function pushManifest(
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { registry, request, response, signal } = exchange;
  const bytes = await readAll(request, MAX_MANIFEST_BYTES, "manifest");
  if (isDigest(reference)) checkDigest(sha256(bytes), reference, "manifest");
  const mediaType = (request.headers["content-type"] ?? "").split(";")[0]!.trim();
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(mediaType)) {
    throw new OciError("OCI_MANIFEST_INVALID", "Cannot push manifest: it has no media type");
  }
  const tags = isDigest(reference) ? [] : [reference];
  const subject = parseManifest(bytes).subject?.digest;
  const pushed = await registry
    .pushManifest(repository, { mediaType, bytes }, { tags, signal })
    .catch(blameManifest);
  replyEmpty(response, 201, {
    location: `/v2/${repository}/manifests/${reference}`,
    "docker-content-digest": pushed.digest,
    ...(subject !== undefined && { "oci-subject": subject }),
  });
}

/** POST of an upload: begins one, or mounts or takes the whole blob at once. */
export async function beginUpload(exchange: Exchange, repository: string): Promise<void> {
  const { registry, query, uploads, signal } = exchange;
  const mount = query.get("mount");
  const from = query.get("from");
  if (mount !== null && from !== null && isDigest(mount)) {
    const done = await registry.mountBlob(repository, mount, parseRepository(from), { signal });
    if (done) {
      replyCreated(exchange, repository, mount);
      return;
    }
  }
  const upload = await uploads.begin(repository);
  if (query.get("digest") === null) replyProgress(exchange, upload, 202);
  else await endUpload(exchange, upload);
}

/** PATCH of an upload: adds a chunk. */
export async function continueUpload(exchange: Exchange, upload: Upload): Promise<void> {
  checkContentRange(exchange, upload);
  await upload.append(exchange.request);
  replyProgress(exchange, upload, 202);
}

/** PUT of an upload: adds what is left, checks the whole and stores it. */
export async function endUpload(exchange: Exchange, upload: Upload): Promise<void> {
  const { registry, query, request, signal, uploads } = exchange;
  const digest = parseDigest(readDigest(query.get("digest") ?? ""));
  checkContentRange(exchange, upload);
  await upload.append(request);
  try {
    checkDigest(await upload.digest(digest), digest, "blob");
    const { content, repository, size } = upload;
    await registry.pushBlob(repository, { digest, size }, content, { signal });
  } finally {
    await uploads.remove(upload);
  }
  replyCreated(exchange, upload.repository, digest);
}

/** GET and DELETE of an upload. */
export async function inspectUpload(exchange: Exchange, upload: Upload): Promise<void> {
  if (exchange.request.method !== "DELETE") {
    replyProgress(exchange, upload, 204);
    return;
  }
  await exchange.uploads.remove(upload);
  replyEmpty(exchange.response, 204);
}

function checkContentRange(exchange: Exchange, upload: Upload): void {
  const header = exchange.request.headers["content-range"];
  if (header === undefined) return;
  const match = /^(?:bytes )?(\d+)-(\d+)$/.exec(header);
  const length = Number(exchange.request.headers["content-length"] ?? Number.NaN);
  const start = Number(match?.[1] ?? -1);
  const span = Number(match?.[2] ?? -1) - start + 1;
  if (start === upload.size && (Number.isNaN(length) || length === span)) return;
  exchange.response.setHeader("range", progress(upload));
  throw new OciError("OCI_RANGE_INVALID", "Cannot continue upload: the chunk is out of order");
}

function replyProgress(exchange: Exchange, upload: Upload, status: number): void {
  replyEmpty(exchange.response, status, {
    location: `/v2/${upload.repository}/blobs/uploads/${upload.id}`,
    "docker-upload-uuid": upload.id,
    range: progress(upload),
  });
}

function replyCreated(exchange: Exchange, repository: string, digest: Digest): void {
  replyEmpty(exchange.response, 201, {
    location: `/v2/${repository}/blobs/${digest}`,
    "docker-content-digest": digest,
  });
}

function progress(upload: Upload): string {
  return `0-${Math.max(0, upload.size - 1)}`;
}

function blameManifest(error: unknown): never {
  if (!(error instanceof OciError) || error.code !== "OCI_BLOB_UNKNOWN") throw error;
  const details = { ...error.details, wireCode: "MANIFEST_BLOB_UNKNOWN" };
  throw new OciError(error.code, error.message, { cause: error, details });
}
