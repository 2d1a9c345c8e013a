import type { OciError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import {
  type RequestSubject,
  errnoOf,
  isCertificateError,
  networkError,
} from "./response-error.ts";
import type { TransientFailure } from "./retry.ts";
import { type Transport, discard } from "./transport.ts";

/** Finds out whether a registry speaks HTTPS or plain HTTP. */
export interface Origin {
  find(subject: RequestSubject, signal: AbortSignal | undefined): Promise<URL>;
}

/** Options of {@link createOrigin}. */
export interface OriginOptions {
  readonly host: string;
  readonly transport: Transport;
  readonly insecure: boolean;
  readonly plainHttp: boolean;
  readonly clock: Clock;
}

/** HTTPS only; plain HTTP is tried, after HTTPS failed, for local hosts and where it is allowed. */
export function createOrigin(options: OriginOptions): Origin {
  const https = new URL(`https://${options.host}`);
  const http = new URL(`http://${options.host}`);
  let found: Promise<URL> | undefined;
  return {
    async find(subject, signal) {
      if (options.plainHttp) return http;
      if (!options.insecure && !isLocalHost(options.host)) return https;
      found ??= choose([https, http], options.transport, subject, signal);
      try {
        return await found;
      } catch (error) {
        found = undefined;
        throw error;
      }
    },
  };
}

/** Tells whether a host is this machine or in a private network, where plain HTTP is common. */
export function isLocalHost(host: string): boolean {
  const name = host
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost") || name === "::1") return true;
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return false;
  const [a, b] = octets as [number, number];
  return a === 127 || a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
}

async function choose(
  candidates: readonly URL[],
  transport: Transport,
  subject: RequestSubject,
  signal: AbortSignal | undefined,
): Promise<URL> {
  let last: OciError | TransientFailure | undefined;
  for (const candidate of candidates) {
    try {
      const url = new URL("/v2/", candidate);
      const response = await transport.send({ method: "GET", url, headers: {}, signal });
      await discard(response);
      return candidate;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      last = networkError(error, subject);
      // It speaks TLS, so plain HTTP would only hide what is wrong.
      if (isCertificateError(errnoOf(error))) throw last;
    }
  }
  throw last!;
}
