/** How often a call is sent at most. */
export const maxAttempts = 6;

/** Milliseconds to wait before the next attempt: doubling, with jitter, at most 4 s. */
export function backOff(attempt: number): number {
  const full = Math.min(4000, 100 * 2 ** attempt);
  return full / 2 + Math.random() * (full / 2);
}

/** Seconds of a Retry-After header; a date is not expected from an API server. */
export function retryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header ?? "");
  return header !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

const transient = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_ABORTED",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_PRX_TLS",
]);

/** Tells a failure of the network, or of TLS, from a programming error. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  if (
    transient.has(code) ||
    /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HPE_)/.test(code)
  ) {
    return true;
  }
  return /socket hang up|Proxy response|other side closed/.test(error.message);
}
