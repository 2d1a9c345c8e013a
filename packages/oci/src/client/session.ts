import type { CredentialSource } from "../auth/credential.ts";
import { readAll } from "../content/web-stream.ts";
import type { OciErrorCode } from "../errors.ts";
import { OciError, foreignText } from "../errors.ts";
import { type Access, type Authorizer, createAuthorizer } from "./authorizer.ts";
import type { HostCache } from "./client-cache.ts";
import type { Clock } from "./clock.ts";
import { type Origin, createOrigin } from "./origin.ts";
import { type RequestSubject, networkError, responseError } from "./response-error.ts";
import { type RetryPolicy, TransientFailure, retry } from "./retry.ts";
import { type HttpRequest, type HttpResponse, type Transport, discard } from "./transport.ts";
import { type OnWarning, tellWarnings } from "./warnings.ts";

/** One request to the registry, as the verbs describe it. */
export interface Call {
  /** For messages: "Cannot `action`: …". */
  readonly action: string;
  readonly method: HttpRequest["method"];
  /** A path such as `/v2/org/app/tags/list`, or a URL that the registry gave. */
  readonly target: string | URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: HttpRequest["body"];
  readonly access: Access;
  /** The statuses that are not errors. */
  readonly expect: readonly number[];
  readonly missing?: OciErrorCode | undefined;
  /** The code of a refusal that may pass. */
  readonly passing?: OciErrorCode | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends calls with authorization, and repeats them. */
export interface Session {
  readonly host: string;
  readonly clock: Clock;
  readonly retryPolicy: RetryPolicy;
  readonly known: HostCache;
  /** Sends a call, repeating it on failures that may pass. */
  send(call: Call): Promise<HttpResponse>;
  /** Sends a call and reads the answer, of at most `limit` bytes; repeats both on failures that may pass. */
  receive(call: Call, limit: number, what: string): Promise<ReceivedAnswer>;
  /** Sends a call once; rejects with {@link TransientFailure} when a repetition may help. */
  sendOnce(call: Call): Promise<HttpResponse>;
  /** The URL that a `Location` or `Link` header means; it may lie on another origin. */
  follow(response: HttpResponse, location: string): URL;
  close(): Promise<void>;
}

/** An answer that was read. */
export interface ReceivedAnswer {
  readonly response: HttpResponse;
  /** Empty where the answer is expected and no success. */
  readonly bytes: Buffer;
}

/** Options of {@link createSession}. */
export interface SessionOptions {
  readonly host: string;
  readonly transport: Transport;
  readonly credentials: CredentialSource | undefined;
  readonly insecure: boolean;
  readonly plainHttp: boolean;
  readonly clock: Clock;
  readonly retryPolicy: RetryPolicy;
  readonly known: HostCache;
  readonly onWarning: OnWarning | undefined;
}

/** Makes a session with one registry. */
export function createSession(options: SessionOptions): Session {
  const { clock, known, retryPolicy } = options;
  const authorizer = createAuthorizer(options);
  const origin = createOrigin(options);
  const sendOnce = (call: Call) => exchange(call, { ...options, authorizer, origin });
  return {
    host: options.host,
    clock,
    retryPolicy,
    known,
    sendOnce,
    send: (call) => retry(() => sendOnce(call), retryPolicy, clock, call.signal),
    receive: (call, limit, what) => {
      const step = async () => readAnswer(await sendOnce(call), call, { limit, what, ...options });
      return retry(step, retryPolicy, clock, call.signal);
    },
    follow: (response, location) => followLocation(response, location, options),
    close: () => options.transport.close(),
  };
}

interface Exchange extends SessionOptions {
  readonly authorizer: Authorizer;
  readonly origin: Origin;
}

async function exchange(call: Call, context: Exchange): Promise<HttpResponse> {
  call.signal?.throwIfAborted();
  const { action, missing, passing, signal } = call;
  const { repository } = call.access;
  const subject = { host: context.host, action, missing, passing, repository };
  const base = await context.origin.find(subject, signal);
  const url = new URL(call.target, base);
  const own = url.origin === base.origin;
  const first = own ? await context.authorizer.authorize(call.access, signal) : undefined;
  let response = await sendAs(first, url, call, subject, context);
  const { authorizer, host, known, onWarning } = context;
  if (response.status === 401 && own && authorizer.challenged(response, call.access, first)) {
    const second = await authorizer.authorize(call.access, signal);
    if (second !== undefined) {
      await discard(response);
      response = await sendAs(second, url, call, subject, context);
    }
  }
  if (onWarning !== undefined && own) tellWarnings(response, host, known.warnings, onWarning);
  if (call.expect.includes(response.status)) return response;
  throw await responseError(response, subject, context.clock);
}

async function sendAs(
  authorization: string | undefined,
  url: URL,
  call: Call,
  subject: RequestSubject,
  context: Exchange,
): Promise<HttpResponse> {
  const { method, body, signal } = call;
  const headers = call.headers ?? {};
  try {
    return await context.transport.send({ method, url, headers, authorization, body, signal });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof OciError || error instanceof TransientFailure) throw error;
    throw networkError(error, subject);
  }
}

async function readAnswer(
  response: HttpResponse,
  { action, signal }: Call,
  { host, limit, what }: { readonly host: string; readonly limit: number; readonly what: string },
): Promise<ReceivedAnswer> {
  if (response.status >= 300) {
    await discard(response);
    return { response, bytes: Buffer.alloc(0) };
  }
  const encoding = response.header("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    await discard(response);
    const why = `it answered in the encoding ${foreignText(encoding, 40)}, which nobody asked for`;
    throw new OciError("OCI_PROTOCOL_VIOLATED", `Cannot ${action}: ${why}`);
  }
  try {
    return { response, bytes: await readAll(response.body, limit, what) };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error instanceof OciError ? error : networkError(error, { host, action });
  }
}

function followLocation(response: HttpResponse, location: string, options: SessionOptions): URL {
  if (!URL.canParse(location, response.url.href)) {
    const why = "it answered with a location that is no URL";
    throw new OciError("OCI_PROTOCOL_VIOLATED", `Cannot use ${options.host}: ${why}`);
  }
  const url = new URL(location, response.url);
  if (response.url.protocol !== "https:" || url.protocol === "https:") return url;
  // Registries behind a proxy that ends TLS often write http:// for themselves.
  if (url.hostname === response.url.hostname) {
    url.protocol = "https:";
    url.port = response.url.port;
    return url;
  }
  if (options.insecure) return url;
  const why = "it sends uploads from HTTPS to plain HTTP";
  throw new OciError("OCI_PROTOCOL_VIOLATED", `Cannot use ${options.host}: ${why}`);
}
