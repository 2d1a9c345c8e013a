import { type Digest, isDigest, parseDigest } from "@tenon/core";

import { checkDigest } from "../content/verify.ts";
import { readAll, tooLarge } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import { parseManifest } from "../manifest.ts";
import { parseRepository } from "../reference.ts";
import { MAX_MANIFEST_BYTES } from "../registry.ts";
import { bodyOf, lengthOf } from "./body.ts";
import type { Exchange } from "./context.ts";
import { replyEmpty } from "./reply.ts";
import { readDigest } from "./route.ts";
import type { UploadFile } from "./upload-file.ts";

/** PUT of a manifest. */
export async function pushManifest(
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { registry, request, response, signal } = exchange;
  if ((lengthOf(request) ?? 0) > MAX_MANIFEST_BYTES) {
    throw tooLarge("manifest", MAX_MANIFEST_BYTES);
  }
  const bytes = await readAll(bodyOf(request), MAX_MANIFEST_BYTES, "manifest");
  const mediaType = (request.headers["content-type"] ?? "").split(";")[0]!.trim();
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(mediaType)) {
    throw new OciError("OCI_MANIFEST_INVALID", "Cannot push manifest: it has no media type");
  }
  const as = isDigest(reference) ? { digest: reference } : { tags: [reference] };
  const subject = parseManifest(bytes).subject?.digest;
  const pushed = await registry
    .pushManifest(repository, { mediaType, bytes }, { ...as, signal })
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
  if (mount !== null && isDigest(mount)) {
    // Without `from` the blob may be here already.
    const from = parseRepository(query.get("from") ?? repository);
    if (await registry.mountBlob(repository, mount, from, { signal })) {
      replyCreated(exchange, repository, mount);
      return;
    }
  }
  const upload = await uploads.begin(repository);
  if (query.get("digest") === null) {
    replyProgress(exchange, upload, 202);
    return;
  }
  try {
    await endUpload(exchange, upload);
  } catch (error) {
    // Nobody was told its name.
    await uploads.remove(upload);
    throw error;
  }
}

/** PATCH of an upload: adds a chunk. */
export async function continueUpload(exchange: Exchange, upload: UploadFile): Promise<void> {
  await upload.append(bodyOf(exchange.request), checkedLength(exchange, upload));
  replyProgress(exchange, upload, 202);
}

/** PUT of an upload: adds what is left, checks the whole and stores it. */
export async function endUpload(exchange: Exchange, upload: UploadFile): Promise<void> {
  const { query, request, uploads } = exchange;
  const digest = parseDigest(readDigest(query.get("digest") ?? ""));
  await upload.append(bodyOf(request), checkedLength(exchange, upload));
  uploads.close(upload);
  try {
    checkDigest(await upload.digest(digest), digest, "blob");
    await store(exchange, upload, digest);
  } finally {
    await uploads.remove(upload);
  }
  replyCreated(exchange, upload.repository, digest);
}

/** GET and DELETE of an upload. */
export async function inspectUpload(exchange: Exchange, upload: UploadFile): Promise<void> {
  if (exchange.request.method !== "DELETE") {
    replyProgress(exchange, upload, 204);
    return;
  }
  await exchange.uploads.remove(upload);
  replyEmpty(exchange.response, 204);
}

async function store(exchange: Exchange, upload: UploadFile, digest: Digest): Promise<void> {
  const { registry, signal } = exchange;
  const { content, path, repository, size } = upload;
  if ("adoptBlob" in registry) await registry.adoptBlob(repository, { digest, size }, path);
  else await registry.pushBlob(repository, { digest, size }, content, { signal });
}

/**
 * The bytes that a chunk must have, where the request says.
 *
 * @throws OciError `OCI_RANGE_INVALID` if it is not the next one
 */
function checkedLength(exchange: Exchange, upload: UploadFile): number | undefined {
  const header = exchange.request.headers["content-range"];
  const length = lengthOf(exchange.request);
  if (header === undefined) return length;
  const match = /^(?:bytes )?(\d+)-(\d+)$/.exec(header);
  const start = Number(match?.[1] ?? -1);
  const span = Number(match?.[2] ?? -1) - start + 1;
  if (start === upload.size && span > 0 && (length ?? span) === span) return span;
  exchange.response.setHeader("range", progress(upload));
  exchange.response.setHeader("location", locationOf(upload));
  throw new OciError("OCI_RANGE_INVALID", "Cannot continue upload: the chunk is out of order");
}

function replyProgress(exchange: Exchange, upload: UploadFile, status: number): void {
  replyEmpty(exchange.response, status, {
    location: locationOf(upload),
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

function locationOf(upload: UploadFile): string {
  return `/v2/${upload.repository}/blobs/uploads/${upload.id}`;
}

function progress(upload: UploadFile): string {
  return `0-${Math.max(0, upload.size - 1)}`;
}

function blameManifest(error: unknown): never {
  if (!(error instanceof OciError) || error.code !== "OCI_BLOB_UNKNOWN") throw error;
  const details = { ...error.details, wireCode: "MANIFEST_BLOB_UNKNOWN" };
  throw new OciError(error.code, error.message, { cause: error, details });
}
