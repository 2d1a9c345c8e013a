import type { Digest } from "@tenon/core";

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
  /** The content from its start, verified on the way. */
  readonly body: () => AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal | undefined;
}

/** Blobs up to this size go in the request that ends the upload. */
const monolithicLimit = 1024 * 1024;
const octets = "application/octet-stream";

/** Opens an upload; its URL is good for one try. */
export async function startUpload(session: Session, upload: Upload): Promise<URL> {
  const response = await session.sendOnce({
    ...callFor(upload),
    method: "POST",
    target: `/v2/${upload.repository}/blobs/uploads/`,
    headers: { "content-length": "0" },
    expect: [202],
  });
  return nextLocation(session, response);
}

/** Sends the content and ends the upload: in one request if it is small, else in two. */
export async function uploadBody(session: Session, upload: Upload, location: URL): Promise<void> {
  const body = guarded(upload);
  const headers = { "content-type": octets, "content-length": String(upload.size) };
  try {
    if (upload.size <= monolithicLimit) {
      await finish(session, upload, location, { headers, body: body.open });
      return;
    }
    const call = { ...callFor(upload), method: "PATCH", target: location, headers } as const;
    const response = await session.sendOnce({ ...call, body: body.open, expect: [202, 204] });
    const next = await nextLocation(session, response);
    await finish(session, upload, next, { headers: { "content-length": "0" } });
  } catch (error) {
    // What the content's source says counts for more than the request that it broke.
    throw body.failure() ?? error;
  }
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

async function finish(
  session: Session,
  upload: Upload,
  location: URL,
  content: Pick<Call, "headers" | "body">,
): Promise<void> {
  const target = new URL(location);
  target.searchParams.set("digest", upload.digest);
  const call = { ...callFor(upload), ...content, method: "PUT", target } as const;
  await discard(await session.sendOnce({ ...call, expect: [201, 204] }));
}

async function nextLocation(session: Session, response: HttpResponse): Promise<URL> {
  await discard(response);
  const location = response.header("location");
  if (location !== undefined) return session.follow(response, location);
  const why = "it sent no Location header";
  throw new OciError("OCI_PROTOCOL_VIOLATED", `Cannot push to ${session.host}: ${why}`);
}

function guarded(upload: Upload): {
  open: () => AsyncIterable<Uint8Array>;
  failure: () => unknown;
} {
  let failure: unknown;
  return {
    open: async function* () {
      failure = undefined;
      const chunks = upload.body();
      try {
        yield* chunks;
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    failure: () => failure,
  };
}
