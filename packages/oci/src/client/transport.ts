import type { ClientRequest, IncomingMessage } from "node:http";

import { OciError } from "../errors.ts";
import {
  CONNECT_TIMEOUT,
  ConnectionFailure,
  type ConnectionOptions,
  type Connections,
  connectTimeout,
  openConnections,
} from "./connections.ts";
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
export function discard(response: HttpResponse): Promise<void> {
  return response.body.dump();
}

/** Options of {@link createTransport}. */
export interface TransportOptions extends ConnectionOptions {
  readonly userAgent: string;
  /** Milliseconds without a byte, or with hardly any; a minute by default. */
  readonly idleTimeout?: number | undefined;
}

const maxRedirects = 5;
const defaultIdleTimeout = 60_000;

/** Makes a transport with its own connections. With `insecure` it also follows redirects to plain HTTP. */
export function createTransport(options: TransportOptions): Transport {
  const connections = openConnections(options);
  return {
    send: async (first) => {
      let hop = first;
      for (let count = 0; ; count++) {
        const response = await sendOnce(hop, connections, options);
        const target = redirectTarget(hop, response);
        if (target === undefined) return response;
        await discard(response);
        if (count === maxRedirects) throw refused(first.url, "too many redirects");
        hop = redirected(first, target, options.insecure === true);
      }
    },
    close: async () => connections.close(),
  };
}

async function sendOnce(
  { authorization, body, headers, method, signal, url }: HttpRequest,
  connections: Connections,
  { idleTimeout = defaultIdleTimeout, userAgent }: TransportOptions,
): Promise<HttpResponse> {
  const request = connections.request(url, {
    method,
    headers: {
      // Digests are those of the bytes as they are.
      "accept-encoding": "identity",
      ...headers,
      "user-agent": userAgent,
      ...(authorization !== undefined && { authorization }),
    },
    signal,
  });
  const patience = watch(request, idleTimeout);
  try {
    const answer = answerOf(request);
    if (typeof body === "function") await sendAll(request, body(), patience);
    else request.end(body);
    const message = await answer;
    const all = message.headersDistinct;
    return {
      status: message.statusCode ?? 0,
      url,
      body: responseBody(message, idleTimeout),
      header: (name) => all[name]?.[0],
      headers: (name) => all[name] ?? [],
    };
  } finally {
    patience.end();
  }
}

/** The answer to a request; its connection ends with it when that is refused before all of it was sent. */
function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", (message) => {
      // Who reads the answer is told; that it breaks off is of no consequence to anyone else.
      message.on("error", () => undefined);
      message.once("end", () => {
        if (!request.writableEnded && isRefusal(message)) request.destroy();
      });
      resolve(message);
    });
    request.on("error", reject);
  });
  // It is waited for when all has been sent.
  answer.catch(() => undefined);
  return answer;
}

/** Tells whether a server wants no more of a request. */
function isRefusal({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 300;
}

/** Sends a body, until it is refused or the connection is gone. */
async function sendAll(
  request: ClientRequest,
  chunks: AsyncIterable<Uint8Array>,
  patience: Patience,
): Promise<void> {
  let isOver = false;
  let goOn = (): void => undefined;
  const end = (): void => {
    isOver = true;
    goOn();
  };
  request.once("close", end);
  request.once("response", (message) => isRefusal(message) && end());
  request.on("drain", () => goOn());
  try {
    for await (const chunk of chunks) {
      if (isOver) return;
      patience.refresh();
      if (request.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        goOn = resolve;
        if (isOver) resolve();
      });
    }
  } catch (error) {
    request.destroy();
    throw error;
  }
  if (!isOver) request.end();
}

/** Ends a request whose server takes nothing and answers nothing. Time in the queue of the pool does not count. */
interface Patience {
  refresh(): void;
  end(): void;
}

function watch(request: ClientRequest, idleTimeout: number): Patience {
  let timer: NodeJS.Timeout | undefined;
  let isEnded = false;
  const wait = (milliseconds: number, failure: () => Error): void => {
    clearTimeout(timer);
    if (!isEnded) timer = setTimeout(() => request.destroy(failure()), milliseconds);
  };
  const waitForAnswer = (): void => wait(idleTimeout, noAnswer);
  request.once("socket", (socket) => {
    if (request.reusedSocket) {
      waitForAnswer();
      return;
    }
    wait(CONNECT_TIMEOUT, connectTimeout);
    socket.once("encrypted" in socket ? "secureConnect" : "connect", waitForAnswer);
  });
  return {
    refresh: () => void timer?.refresh(),
    end() {
      isEnded = true;
      clearTimeout(timer);
    },
  };
}

/** A server that is there and says nothing. */
function noAnswer(): ConnectionFailure {
  return new ConnectionFailure("ERR_NO_ANSWER", "no answer in time");
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
