import type { HostCache } from "./client-cache.ts";
import {
  type RequestSubject,
  errnoOf,
  isAbsent,
  isCertificateError,
  networkError,
} from "./response-error.ts";
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
  readonly known: HostCache;
}

/** HTTPS only; plain HTTP, where the host does not speak HTTPS, for local hosts and where it is allowed. */
export function createOrigin(options: OriginOptions): Origin {
  const https = new URL(`https://${options.host}`);
  const http = new URL(`http://${options.host}`);
  const { known } = options;
  return {
    async find(subject, signal) {
      if (options.plainHttp) return http;
      if (!options.insecure && !isLocalHost(options.host)) return https;
      const asking = (known.origin ??= choose(https, http, options.transport, subject, signal));
      try {
        return await asking;
      } catch (error) {
        if (known.origin === asking) known.origin = undefined;
        throw error;
      }
    },
  };
}

/** Tells whether a host is this machine or in a private network, where plain HTTP is common. */
function isLocalHost(host: string): boolean {
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
  https: URL,
  http: URL,
  transport: Transport,
  subject: RequestSubject,
  signal: AbortSignal | undefined,
): Promise<URL> {
  try {
    const url = new URL("/v2/", https);
    await discard(await transport.send({ method: "GET", url, headers: {}, signal }));
    return https;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const code = errnoOf(error);
    // It speaks TLS, or nobody is there: plain HTTP would only hide what is wrong.
    if (isCertificateError(code) || isAbsent(code)) throw networkError(error, subject);
    return http;
  }
}
