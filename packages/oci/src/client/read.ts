import { createHash } from "node:crypto";

import { type Digest, digestAlgorithm, isDigest, parseDigest, sha256 } from "@tenon/core";

import { checkDigest } from "../content/verify.ts";
import { OciError, foreignText } from "../errors.ts";
import { MANIFEST_TYPES } from "../media-types.ts";
import { parseTagOrDigest, parseRepository } from "../reference.ts";
import { type Descriptor, MAX_MANIFEST_BYTES, type Manifest, type Registry } from "../registry.ts";
import { openBlob } from "./download.ts";
import { describe, pullAccess } from "./names.ts";
import type { Call, Session } from "./session.ts";
import { type HttpResponse, discard } from "./transport.ts";

/** The reading half of a client. */
export function createReader(
  session: Session,
): Pick<Registry, "resolveManifest" | "readManifest" | "statBlob" | "readBlob"> {
  const readManifest: Registry["readManifest"] = async (repository, reference, options = {}) => {
    const call = manifestCall(session, "GET", repository, reference, options.signal);
    return receiveManifest(session, call, reference);
  };
  return {
    readManifest,
    async resolveManifest(repository, reference, options = {}) {
      const call = manifestCall(session, "HEAD", repository, reference, options.signal);
      const response = await sendHead(session, call);
      const descriptor = response && headDescriptor(response, reference);
      return descriptor ?? (await readManifest(repository, reference, options)).descriptor;
    },
    async statBlob(repository, digest, options = {}) {
      const response = await session.send({
        action: `look for ${describe(session.host, repository, digest)}`,
        method: "HEAD",
        target: `/v2/${parseRepository(repository)}/blobs/${parseDigest(digest)}`,
        access: pullAccess(repository),
        expect: [200, 404],
        signal: options.signal,
      });
      await discard(response);
      if (response.status === 404) return undefined;
      return Number(response.header("content-length") ?? 0);
    },
    readBlob: (repository, blob, options = {}) => openBlob(session, repository, blob, options),
  };
}

function manifestCall(
  session: Session,
  method: "GET" | "HEAD",
  repository: string,
  reference: string,
  signal: AbortSignal | undefined,
): Call {
  return {
    action: `read manifest ${describe(session.host, repository, reference)}`,
    method,
    target: `/v2/${parseRepository(repository)}/manifests/${parseTagOrDigest(reference)}`,
    headers: { accept: [...MANIFEST_TYPES, "*/*;q=0.1"].join(", ") },
    access: pullAccess(repository),
    expect: [200],
    missing: "OCI_MANIFEST_UNKNOWN",
    signal,
  };
}

/** An answer to HEAD has no body to tell codes by: a failure is asked for again with GET. */
async function sendHead(session: Session, call: Call): Promise<HttpResponse | undefined> {
  const response = await session.send({ ...call, expect: [200, 400, 403, 404, 405] });
  await discard(response);
  return response.status === 200 ? response : undefined;
}

function headDescriptor(response: HttpResponse, reference: string): Descriptor | undefined {
  const named = isDigest(reference) ? reference : response.header("docker-content-digest");
  const size = Number(response.header("content-length") ?? Number.NaN);
  if (named === undefined || !isDigest(named) || !Number.isSafeInteger(size)) return undefined;
  return { mediaType: mediaTypeOf(response), digest: named, size };
}

async function receiveManifest(session: Session, call: Call, reference: string): Promise<Manifest> {
  const what = call.action.replace("read ", "");
  const { response, bytes } = await session.receive(call, MAX_MANIFEST_BYTES, what);
  const digest = digestLike(reference, bytes);
  if (isDigest(reference)) checkDigest(digest, reference, what);
  const mediaType = bodyMediaType(bytes) ?? mediaTypeOf(response);
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
}

function digestLike(reference: string, bytes: Uint8Array): Digest {
  if (!isDigest(reference) || digestAlgorithm(reference) === "sha256") return sha256(bytes);
  return parseDigest(`sha512:${createHash("sha512").update(bytes).digest("hex")}`);
}

/** The body's own media type counts: it is covered by the digest, the header is not. */
function bodyMediaType(bytes: Uint8Array): string | undefined {
  try {
    const body = JSON.parse(Buffer.from(bytes).toString("utf8")) as { mediaType?: unknown } | null;
    return typeof body?.mediaType === "string" ? foreignText(body.mediaType, 255) : undefined;
  } catch (cause) {
    throw new OciError("OCI_MANIFEST_INVALID", "Cannot read manifest: it is not JSON", { cause });
  }
}

function mediaTypeOf(response: HttpResponse): string {
  const header = response.header("content-type") ?? "application/octet-stream";
  return foreignText(header.split(";")[0]!.trim(), 255);
}
