import { messageOf } from "@tenon/core";

import { readAll } from "../content/web-stream.ts";
import { OciError, type OciErrorCode, foreignText } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { TransientFailure, parseRetryAfter } from "./retry.ts";
import type { HttpResponse } from "./transport.ts";

/** What a request is about, for messages: "Cannot `action`: …". */
export interface RequestSubject {
  readonly host: string;
  readonly action: string;
  readonly repository?: string | undefined;
  /** The code for a 404 whose body names none. */
  readonly missing?: OciErrorCode | undefined;
  /** A code that may pass, other than with the statuses that always may. */
  readonly passing?: OciErrorCode | undefined;
}

const wireCodes: Readonly<Record<string, OciErrorCode>> = {
  BLOB_UNKNOWN: "OCI_BLOB_UNKNOWN",
  BLOB_UPLOAD_INVALID: "OCI_REQUEST_REJECTED",
  BLOB_UPLOAD_UNKNOWN: "OCI_UPLOAD_UNKNOWN",
  DIGEST_INVALID: "OCI_DIGEST_MISMATCH",
  MANIFEST_BLOB_UNKNOWN: "OCI_BLOB_UNKNOWN",
  MANIFEST_INVALID: "OCI_MANIFEST_INVALID",
  MANIFEST_UNKNOWN: "OCI_MANIFEST_UNKNOWN",
  NAME_INVALID: "OCI_REFERENCE_INVALID",
  NAME_UNKNOWN: "OCI_NAME_UNKNOWN",
  SIZE_INVALID: "OCI_SIZE_MISMATCH",
  UNAUTHORIZED: "OCI_UNAUTHORIZED",
  DENIED: "OCI_DENIED",
  UNSUPPORTED: "OCI_UNSUPPORTED",
  TOOMANYREQUESTS: "OCI_RATE_LIMITED",
};

const transientStatuses: readonly number[] = [408, 425, 429, 499, 500, 502, 503, 504, 522];

/** The error for an answer that is not what was asked for; reads its body. */
export async function responseError(
  response: HttpResponse,
  subject: RequestSubject,
  clock: Clock,
): Promise<OciError | TransientFailure> {
  const wire = await readWireError(response);
  const code = codeOf(response.status, wire?.code, subject);
  const reason = [String(response.status), wire?.code, wire?.message].filter(Boolean).join(" ");
  const error = new OciError(code, `Cannot ${subject.action}: ${reason}`, {
    hint: hintOf(code, subject),
    details: { status: response.status, wireCode: wire?.code, host: subject.host },
  });
  if (!transientStatuses.includes(response.status) && code !== subject.passing) return error;
  const after = parseRetryAfter(response.header("retry-after"), clock.now());
  return new TransientFailure(error, after);
}

/** The error for a request that got no answer, or lost it half-way. */
export function networkError(cause: unknown, subject: RequestSubject): OciError | TransientFailure {
  const code = errnoOf(cause);
  const error = new OciError(
    "OCI_UNREACHABLE",
    `Cannot ${subject.action}: cannot reach ${subject.host}: ${networkReason(code, cause)}`,
    { cause, hint: networkHint(code, subject.host), details: { host: subject.host, code } },
  );
  return lasting.test(code) ? error : new TransientFailure(error);
}

const lasting =
  /^(?:ECONNREFUSED|ENOTFOUND|EACCES|EPROTO|ERR_PROXY_REFUSED|ERR_TLS.*|ERR_SSL.*|CERT.*|DEPTH.*|SELF.*|UNABLE.*)$/;

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host name could not be looked up",
  ETIMEDOUT: "timed out",
  EPIPE: "the connection was closed",
  EPROTO: "it does not speak TLS",
  ERR_STREAM_PREMATURE_CLOSE: "the connection was closed",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an unknown authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an unknown authority",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

/** Why there was no answer, in a few words. */
export function networkReason(code: string, cause: unknown): string {
  return reasons[code] ?? foreignText(messageOf(cause));
}

function networkHint(code: string, host: string): string {
  if (isCertificateError(code)) {
    return "Add the authority to the trusted ones (NODE_EXTRA_CA_CERTS), or allow insecure registries";
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) {
    return "If it serves plain HTTP on purpose, allow insecure registries";
  }
  return `Check the name, that ${host} is up, and HTTPS_PROXY and NO_PROXY`;
}

/** Tells whether a code means that a server speaks TLS and is not trusted. */
export function isCertificateError(code: string): boolean {
  return /^(?:CERT|DEPTH|SELF|UNABLE|ERR_TLS)/.test(code);
}

/** Tells whether a code means that nobody answers under an address. */
export function isAbsent(code: string): boolean {
  return /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EACCES|EHOSTUNREACH|ENETUNREACH)$/.test(code);
}

/** The code of a system or network error, looking into what wraps it. */
export function errnoOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const inner = at instanceof AggregateError ? (at.errors[0] as unknown) : undefined;
    const code = (at as NodeJS.ErrnoException).code ?? (inner as NodeJS.ErrnoException)?.code;
    if (typeof code === "string") return code;
  }
  return "";
}

function codeOf(
  status: number,
  wireCode: string | undefined,
  subject: RequestSubject,
): OciErrorCode {
  if (status === 401) return "OCI_UNAUTHORIZED";
  if (status === 429) return "OCI_RATE_LIMITED";
  if (status >= 500) return "OCI_SERVER_FAILED";
  const known = wireCode === undefined ? undefined : wireCodes[wireCode];
  if (known !== undefined) return known;
  if (status === 403) return "OCI_DENIED";
  if (status === 404) return subject.missing ?? "OCI_NAME_UNKNOWN";
  if (status === 405) return "OCI_UNSUPPORTED";
  if (status === 413) return "OCI_TOO_LARGE";
  if (status === 416) return "OCI_RANGE_INVALID";
  return status >= 400 ? "OCI_REQUEST_REJECTED" : "OCI_PROTOCOL_VIOLATED";
}

function hintOf(code: OciErrorCode, subject: RequestSubject): string | undefined {
  if (code === "OCI_UNAUTHORIZED") return `Run: tenon registry login ${subject.host}`;
  if (code === "OCI_DENIED") {
    return `This account may not do that; log in as another one: tenon registry login ${subject.host}`;
  }
  if (code === "OCI_MANIFEST_UNKNOWN" && subject.repository !== undefined) {
    return `See which tags there are: tenon mod list oci://${subject.host}/${subject.repository}`;
  }
  if (code === "OCI_NAME_UNKNOWN") return "Check the name of the repository";
  if (code === "OCI_RATE_LIMITED") return "Wait a while, or log in for a higher limit";
  return undefined;
}

interface WireError {
  readonly code: string | undefined;
  readonly message: string | undefined;
}

async function readWireError(response: HttpResponse): Promise<WireError | undefined> {
  let text: string;
  try {
    text = (await readAll(response.body, 64 * 1024, "error")).toString("utf8");
  } catch {
    // The status says enough; a body that is too long or cut off adds nothing.
    return undefined;
  }
  return parseWireError(text);
}

function parseWireError(text: string): WireError | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const errors = (body as { errors?: unknown } | null)?.errors;
  const first = (Array.isArray(errors) ? errors[0] : undefined) as
    | Record<string, unknown>
    | undefined;
  const field = (name: string, limit: number): string | undefined =>
    typeof first?.[name] === "string" ? foreignText(first[name], limit) : undefined;
  return first && { code: field("code", 60), message: field("message", 300) };
}
