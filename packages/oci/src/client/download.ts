import { type Digest, parseDigest } from "@tenon/core";

import { sizeMismatch, verified } from "../content/verify.ts";
import { toWebStream } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import { parseRepository } from "../reference.ts";
import type { BlobRef, OpenBlob, ReadBlobOptions } from "../registry.ts";
import { describe, pullAccess } from "./names.ts";
import { networkError } from "./response-error.ts";
import { TransientFailure, pause } from "./retry.ts";
import type { Call, Session } from "./session.ts";
import { type HttpResponse, discard } from "./transport.ts";

const maxResumes = 100;

/** Opens a blob whose download goes on where it was when the connection is lost. */
export async function openBlob(
  session: Session,
  repository: string,
  blob: BlobRef,
  options: ReadBlobOptions,
): Promise<OpenBlob> {
  const digest = parseDigest(blob.digest);
  const what = `blob ${describe(session.host, repository, digest)}`;
  const call = blobCall(session, repository, digest, options.signal);
  const start = options.start ?? 0;
  const response = await session.send(ranged(call, start, options.end));
  const size = totalSize(response, session.host);
  if (blob.size !== undefined && size !== blob.size) {
    await discard(response);
    throw sizeMismatch({ size: blob.size, what }, `${size}`);
  }
  const end = Math.min(options.end ?? size, size);
  const chunks = resumable(session, call, response, start, end);
  const isVerified = options.verify !== false && start === 0 && end === size;
  return {
    size,
    stream: toWebStream(isVerified ? verified(chunks, { digest, size, what }) : chunks),
  };
}

function blobCall(
  session: Session,
  repository: string,
  digest: Digest,
  signal: AbortSignal | undefined,
): Call {
  return {
    action: `read blob ${describe(session.host, repository, digest)}`,
    method: "GET",
    target: `/v2/${parseRepository(repository)}/blobs/${digest}`,
    access: pullAccess(repository),
    expect: [200, 206],
    missing: "OCI_BLOB_UNKNOWN",
    signal,
  };
}

function ranged(call: Call, start: number, end: number | undefined): Call {
  if (start === 0 && end === undefined) return call;
  const range = `bytes=${start}-${end === undefined ? "" : end - 1}`;
  return { ...call, headers: { range } };
}

function totalSize(response: HttpResponse, host: string): number {
  const text =
    response.status === 206
      ? /^bytes \d+-\d+\/(\d+)$/.exec(response.header("content-range") ?? "")?.[1]
      : response.header("content-length");
  const size = text === undefined || !/^\d{1,15}$/.test(text) ? Number.NaN : Number(text);
  if (Number.isSafeInteger(size)) return size;
  throw new OciError(
    "OCI_PROTOCOL_VIOLATED",
    `Cannot use ${host}: it does not tell the size of a blob`,
  );
}

/** The bytes from `start` to `end`, asked for again from where they stopped coming. */
async function* resumable(
  session: Session,
  call: Call,
  first: HttpResponse,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, void> {
  let response = first;
  let at = start;
  let failures = 0;
  let resumes = 0;
  for (;;) {
    try {
      for await (const chunk of fromOffset(response, at, end)) {
        at += chunk.byteLength;
        failures = 0;
        yield chunk;
      }
      if (at >= end) return;
      throw new Error("the answer ended early");
    } catch (cause) {
      await discard(response);
      failures++;
      resumes++;
      await beforeResume(cause, Math.max(failures, resumes - maxResumes), session, call);
    }
    response = await session.send(ranged(call, at, end));
  }
}

async function beforeResume(
  cause: unknown,
  failures: number,
  session: Session,
  call: Call,
): Promise<void> {
  call.signal?.throwIfAborted();
  if (cause instanceof OciError) throw cause;
  const failure = networkError(cause, { host: session.host, action: call.action });
  if (!(failure instanceof TransientFailure)) throw failure;
  if (failures >= session.retryPolicy.attempts) throw failure.error;
  const { clock, retryPolicy } = session;
  await clock.sleep(pause(failures, undefined, retryPolicy, clock), call.signal);
}

/** What an answer holds from `at` on, whether the server took the range or sends everything. */
async function* fromOffset(
  response: HttpResponse,
  at: number,
  end: number,
): AsyncGenerator<Uint8Array, void, void> {
  let skip = response.status === 206 ? at - rangeStart(response) : at;
  if (!(skip >= 0)) {
    throw new OciError(
      "OCI_PROTOCOL_VIOLATED",
      "Cannot read blob: the registry sent another range",
    );
  }
  let left = end - at;
  for await (const chunk of response.body) {
    const dropped = Math.min(skip, chunk.byteLength);
    skip -= dropped;
    if (dropped === chunk.byteLength) continue;
    const part = chunk.subarray(dropped);
    // More than was promised goes on, so that the check after this one sees it.
    left -= part.byteLength;
    yield part;
    if (left < 0) return;
  }
}

function rangeStart(response: HttpResponse): number {
  return Number(/^bytes (\d+)-/.exec(response.header("content-range") ?? "")?.[1] ?? Number.NaN);
}
