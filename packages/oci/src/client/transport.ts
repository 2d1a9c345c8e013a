import type { Readable } from "node:stream";

import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";

import { OciError } from "../errors.ts";
import { proxySettings } from "./proxy.ts";
import { type ResponseBody, responseBody } from "./response-body.ts";

/** A request to one URL; the body is made anew for each hop and each try. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to `url`'s origin and to no other. */
  readonly authorization?: string | undefined;
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined;
  /** Set when the body itself is a secret: it is then never sent to another origin. */
  readonly redirects?: "same-origin" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer; its body must be read or dumped. */
export interface HttpResponse {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  readonly body: ResponseBody;
  header(name: string): string | undefined;
  headers(name: string): readonly string[];
}

/** Sends requests over pooled connections. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** Frees the connection of an answer whose body is of no interest. */
export async function discard(response: HttpResponse): Promise<void> {
  // A body that breaks off while it is thrown away is no loss.
  await response.body.dump().catch(() => undefined);
}

/** Options of {@link createTransport}. */
export interface TransportOptions {
  /** To each server at once; 1 by default. */
  readonly connections?: number | undefined;
  /** Accept any certificate, and redirects to plain HTTP. */
  readonly insecure?: boolean | undefined;
  readonly ca?: string | readonly string[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  /** Milliseconds without a byte, or with hardly any; a minute by default. */
  readonly idleTimeout?: number | undefined;
}

const maxRedirects = 5;
const defaultIdleTimeout = 60_000;

/** Makes a transport with its own connections. */
export function createTransport(options: TransportOptions): Transport {
  const dispatcher = createDispatcher(options);
  return {
    send: async (first) => {
      let hop = first;
      for (let count = 0; ; count++) {
        const response = await sendOnce(hop, dispatcher, options);
        const target = redirectTarget(hop, response);
        if (target === undefined) return response;
        await discard(response);
        if (count === maxRedirects) throw refused(first.url, "too many redirects");
        hop = redirected(first, target, options.insecure === true);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function createDispatcher(options: TransportOptions): Dispatcher {
  const { connections = 1, idleTimeout = defaultIdleTimeout } = options;
  const proxy = proxySettings(options.env);
  const tls = {
    rejectUnauthorized: options.insecure !== true,
    ...(options.ca !== undefined && {
      ca: typeof options.ca === "string" ? options.ca : [...options.ca],
    }),
  };
  const shared = {
    connections,
    headersTimeout: idleTimeout,
    bodyTimeout: idleTimeout,
    connect: { ...tls, timeout: 15_000 },
  };
  if (proxy.httpProxy === "" && proxy.httpsProxy === "") return new Agent(shared);
  return new EnvHttpProxyAgent({ ...shared, ...proxy, requestTls: tls });
}

async function sendOnce(
  hop: HttpRequest,
  dispatcher: Dispatcher,
  { idleTimeout = defaultIdleTimeout, userAgent }: TransportOptions,
): Promise<HttpResponse> {
  const response = await request(hop.url, {
    dispatcher,
    method: hop.method,
    headers: {
      // Digests are those of the bytes as they are.
      "accept-encoding": "identity",
      ...hop.headers,
      "user-agent": userAgent,
      ...(hop.authorization !== undefined && { authorization: hop.authorization }),
    },
    // An answer to HEAD would close the connection otherwise.
    reset: false,
    body: hop.body === undefined ? null : bodyOf(hop.body),
    ...(hop.signal !== undefined && { signal: hop.signal }),
  });
  const headers = (name: string): readonly string[] => [response.headers[name] ?? []].flat();
  return {
    status: response.statusCode,
    url: hop.url,
    body: responseBody(response.body, idleTimeout),
    header: (name) => headers(name)[0],
    headers,
  };
}

function bodyOf(body: NonNullable<HttpRequest["body"]>): Uint8Array | Readable {
  if (body instanceof Uint8Array) return body;
  // undici takes any async iterable and the types know only of Readable.
  return body() as unknown as Readable;
}

function redirectTarget(hop: HttpRequest, response: HttpResponse): URL | undefined {
  const follows =
    hop.method === "GET" || hop.method === "HEAD"
      ? [301, 302, 303, 307, 308].includes(response.status)
      : [307, 308].includes(response.status);
  const location = response.header("location");
  if (!follows || location === undefined) return undefined;
  return URL.canParse(location, hop.url.href) ? new URL(location, hop.url) : undefined;
}

function redirected(first: HttpRequest, target: URL, insecure: boolean): HttpRequest {
  if (target.protocol !== "https:" && target.protocol !== "http:") {
    throw refused(first.url, `a redirect to ${target.protocol}`);
  }
  if (first.url.protocol === "https:" && target.protocol === "http:" && !insecure) {
    throw refused(first.url, `a redirect from HTTPS to plain HTTP at ${target.host}`);
  }
  if (first.redirects === "same-origin" && target.origin !== first.url.origin) {
    throw refused(first.url, "a redirect of credentials to another host");
  }
  target.username = "";
  target.password = "";
  const { authorization, ...rest } = first;
  return target.origin === first.url.origin
    ? { ...rest, url: target, authorization }
    : { ...rest, url: target };
}

function refused(url: URL, what: string): OciError {
  return new OciError("OCI_PROTOCOL_VIOLATED", `Cannot follow ${url.origin}: ${what}`);
}
