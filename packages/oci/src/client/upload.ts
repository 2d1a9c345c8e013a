import type { Digest } from "@tenon/core";

import type { ContentSource } from "../content/content-source.ts";
import { OciError } from "../errors.ts";
import { pushAccess } from "./names.ts";
import type { Call, Session } from "./session.ts";
import { type HttpResponse, discard } from "./transport.ts";

/** A blob on its way into a repository. */
export interface Upload {
  readonly repository: string;
  readonly digest: Digest;
  readonly size: number;
  readonly what: string;
  readonly source: ContentSource;
  readonly signal: AbortSignal | undefined;
}

/** Where an upload goes on. */
export interface UploadPlace {
  /** Good for one request. */
  readonly location: URL;
  /** How many bytes the registry has. */
  readonly at: number;
}

const octets = "application/octet-stream";

/** Opens an upload. */
export async function startUpload(session: Session, upload: Upload): Promise<UploadPlace> {
  const response = await session.sendOnce({
    ...callFor(upload),
    method: "POST",
    target: `/v2/${upload.repository}/blobs/uploads/`,
    headers: { "content-length": "0" },
    expect: [202],
  });
  return { location: await nextLocation(session, response), at: 0 };
}

/**
 * Asks how far an upload came that broke; nothing where the registry does not know it any more, or has none of it.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
 */
export async function findPlace(
  session: Session,
  upload: Upload,
  location: URL,
): Promise<UploadPlace | undefined> {
  const response = await session.sendOnce({
    ...callFor(upload),
    method: "GET",
    target: location,
    expect: [200, 202, 204, 400, 404, 405, 410, 416],
  });
  await discard(response);
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.header("range") ?? "")?.[1];
  const at = Number(last ?? 0) + 1;
  // Of an upload that has nothing, registries say 0-0 too.
  if (response.status >= 300 || at === 1 || at > upload.size) return undefined;
  const next = response.header("location");
  return { location: next === undefined ? location : session.follow(response, next), at };
}

/** Tells whether the registry has the blob: an upload may have ended and its answer been lost. */
export async function hasBlob(session: Session, upload: Upload): Promise<boolean> {
  const response = await session.sendOnce({
    ...callFor(upload),
    method: "HEAD",
    target: `/v2/${upload.repository}/blobs/${upload.digest}`,
    expect: [200, 404],
  });
  await discard(response);
  return response.status === 200 && Number(response.header("content-length")) === upload.size;
}

/** Sends the content from a place on, without ending the upload. */
export async function sendContent(
  session: Session,
  upload: Upload,
  { location, at }: UploadPlace,
): Promise<UploadPlace> {
  const { size } = upload;
  const response = await session.sendOnce({
    ...callFor(upload),
    ...contentFrom(upload, at),
    method: "PATCH",
    target: location,
    expect: [202, 204],
  });
  return { location: await nextLocation(session, response), at: size };
}

/** Ends an upload, sending what the registry does not have yet. */
export async function endUpload(
  session: Session,
  upload: Upload,
  { location, at }: UploadPlace,
): Promise<void> {
  const target = new URL(location);
  target.searchParams.set("digest", upload.digest);
  const content =
    at < upload.size || upload.size === 0
      ? contentFrom(upload, at)
      : { headers: { "content-length": "0" } };
  const call = { ...callFor(upload), ...content, method: "PUT", target } as const;
  await discard(await session.sendOnce({ ...call, expect: [201, 204] }));
}

/** Tells the registry to forget an upload; that it may fail is of no consequence. */
export async function cancelUpload(
  session: Session,
  repository: string,
  location: URL,
): Promise<void> {
  try {
    const response = await session.sendOnce({
      action: "cancel upload",
      method: "DELETE",
      target: location,
      access: pushAccess(repository),
      expect: [200, 202, 204, 404],
      signal: AbortSignal.timeout(5000),
    });
    await discard(response);
  } catch {
    // The registry drops abandoned uploads by itself.
  }
}

function callFor(upload: Upload): Pick<Call, "action" | "access" | "signal"> {
  const { repository, signal, what } = upload;
  return { action: `push ${what}`, access: pushAccess(repository), signal };
}

function contentFrom({ size, source }: Upload, at: number): Pick<Call, "headers" | "body"> {
  const headers = { "content-type": octets, "content-length": String(size - at) };
  const range = at === 0 ? {} : { "content-range": `${at}-${size - 1}` };
  return { headers: { ...headers, ...range }, body: () => source.readFrom(at) };
}

async function nextLocation(session: Session, response: HttpResponse): Promise<URL> {
  await discard(response);
  const location = response.header("location");
  if (location !== undefined) return session.follow(response, location);
  const why = "it sent no Location header";
  throw new OciError("OCI_PROTOCOL_VIOLATED", `Cannot push to ${session.host}: ${why}`);
}
