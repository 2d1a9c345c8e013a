import type { ServerResponse } from "node:http";

import { hasErrno } from "../content/node-file.ts";
import { OciError, type OciErrorCode } from "../errors.ts";
import { bodyOf, isUnread } from "./body.ts";

/** A failure in the words of the distribution specification. */
interface WireFailure {
  readonly status: number;
  readonly code: string;
}

const failures: Readonly<Record<OciErrorCode, WireFailure>> = {
  OCI_REFERENCE_INVALID: { status: 400, code: "NAME_INVALID" },
  OCI_UNAUTHORIZED: { status: 401, code: "UNAUTHORIZED" },
  OCI_DENIED: { status: 403, code: "DENIED" },
  OCI_CREDENTIALS_INVALID: { status: 401, code: "UNAUTHORIZED" },
  OCI_UNREACHABLE: { status: 502, code: "UNKNOWN" },
  OCI_RATE_LIMITED: { status: 429, code: "TOOMANYREQUESTS" },
  OCI_SERVER_FAILED: { status: 502, code: "UNKNOWN" },
  OCI_REQUEST_REJECTED: { status: 400, code: "BLOB_UPLOAD_INVALID" },
  OCI_PROTOCOL_VIOLATED: { status: 502, code: "UNKNOWN" },
  OCI_NAME_UNKNOWN: { status: 404, code: "NAME_UNKNOWN" },
  OCI_MANIFEST_UNKNOWN: { status: 404, code: "MANIFEST_UNKNOWN" },
  OCI_MANIFEST_INVALID: { status: 400, code: "MANIFEST_INVALID" },
  OCI_BLOB_UNKNOWN: { status: 404, code: "BLOB_UNKNOWN" },
  OCI_UPLOAD_UNKNOWN: { status: 404, code: "BLOB_UPLOAD_UNKNOWN" },
  OCI_DIGEST_MISMATCH: { status: 400, code: "DIGEST_INVALID" },
  OCI_SIZE_MISMATCH: { status: 400, code: "SIZE_INVALID" },
  OCI_TOO_LARGE: { status: 413, code: "SIZE_INVALID" },
  OCI_RANGE_INVALID: { status: 416, code: "BLOB_UPLOAD_INVALID" },
  OCI_UNSUPPORTED: { status: 405, code: "UNSUPPORTED" },
  OCI_UNSUPPORTED_MEDIA_TYPE: { status: 400, code: "MANIFEST_INVALID" },
  OCI_LAYER_MISSING: { status: 404, code: "BLOB_UNKNOWN" },
  OCI_PLATFORM_INVALID: { status: 400, code: "UNSUPPORTED" },
  OCI_PLATFORM_MISSING: { status: 404, code: "MANIFEST_UNKNOWN" },
  OCI_LAYOUT_INVALID: { status: 500, code: "UNKNOWN" },
  OCI_OUTPUT_EXISTS: { status: 500, code: "UNKNOWN" },
  OCI_OUTPUT_UNWRITABLE: { status: 500, code: "UNKNOWN" },
  OCI_ARCHIVE_INVALID: { status: 400, code: "BLOB_UPLOAD_INVALID" },
  OCI_ARCHIVE_UNSAFE: { status: 400, code: "BLOB_UPLOAD_INVALID" },
  OCI_IGNORE_INVALID: { status: 500, code: "UNKNOWN" },
  OCI_ANNOTATION_INVALID: { status: 500, code: "UNKNOWN" },
  OCI_SOURCE_INVALID: { status: 500, code: "UNKNOWN" },
  OCI_KEY_INVALID: { status: 500, code: "UNKNOWN" },
  OCI_KEY_LOCKED: { status: 500, code: "UNKNOWN" },
  OCI_SIGNING_FAILED: { status: 500, code: "UNKNOWN" },
  OCI_TRUSTED_ROOT_INVALID: { status: 500, code: "UNKNOWN" },
  OCI_CERTIFICATE_INVALID: { status: 500, code: "UNKNOWN" },
  OCI_REGISTRIES_CONF_INVALID: { status: 500, code: "UNKNOWN" },
  OCI_REGISTRY_BLOCKED: { status: 403, code: "DENIED" },
};

/** Ends an answer without a body. */
export function replyEmpty(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  const none = status === 204 || response.req.method === "HEAD" ? {} : { "content-length": 0 };
  response.writeHead(status, { ...none, ...headers });
  response.end();
}

/** Ends an answer with JSON. */
export function replyJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  replyBytes(response, status, Buffer.from(JSON.stringify(body)), {
    "content-type": "application/json; charset=utf-8",
    ...headers,
  });
}

/** Ends an answer with bytes, or with their size only for HEAD. */
export function replyBytes(
  response: ServerResponse,
  status: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string | number>>,
): void {
  response.writeHead(status, { ...headers, "content-length": body.byteLength });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** Ends an answer with an error; what nobody but the owner of the registry may know is not told. */
export async function replyError(response: ServerResponse, error: unknown): Promise<void> {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { code, message, status } = wireFailure(error);
  const body = { errors: [{ code, message }] };
  if (isUnread(response.req)) await replyEarly(response, status, body);
  else replyJson(response, status, body);
}

/** What is read on after an answer, so that who still sends gets to read it. */
const lingerBytes = 32 * 1024 * 1024;
const lingerTime = 5000;

/** Answers a request that has not come to its end: the connection is of no use any more. */
async function replyEarly(response: ServerResponse, status: number, body: unknown): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": bytes.byteLength,
    connection: "close",
  });
  response.write(bytes);
  const timer = setTimeout(() => response.destroy(), lingerTime);
  try {
    let left = lingerBytes;
    for await (const chunk of bodyOf(response.req)) {
      left -= chunk.byteLength;
      if (left < 0) break;
    }
  } catch {
    // The client hung up, which is as well.
  } finally {
    clearTimeout(timer);
  }
  response.end();
}

function wireFailure(error: unknown): WireFailure & { readonly message: string } {
  const cause = error instanceof OciError ? error.cause : error;
  if (hasErrno(cause, "ENOSPC", "EDQUOT", "EFBIG")) {
    const message = "Cannot store content: the registry has no space left for it";
    return { status: 507, code: "UNKNOWN", message };
  }
  if (!(error instanceof OciError)) {
    return { status: 500, code: "UNKNOWN", message: "internal error" };
  }
  const wireCode = error.details["wireCode"];
  const wire = failures[error.code];
  const code = typeof wireCode === "string" ? wireCode : wire.code;
  return { status: wire.status, code, message: error.message };
}
