import type { CredentialSource } from "../auth/credential.ts";
import { parseHost } from "../reference.ts";
import type { CallOptions, Registry } from "../registry.ts";
import { type ClientCache, hostCacheOf } from "./client-cache.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createDeleter } from "./delete.ts";
import { createLister } from "./list.ts";
import { type HttpExchange, observeTransport } from "./observe.ts";
import { createPusher } from "./push.ts";
import { createReader } from "./read.ts";
import { createReferrerLister } from "./referrers.ts";
import { type RetryPolicy, defaultRetryPolicy } from "./retry.ts";
import { type Session, createSession } from "./session.ts";
import { createTransport, discard } from "./transport.ts";
import type { OnWarning } from "./warnings.ts";

/** Options of {@link createRegistryClient}. */
export interface RegistryClientOptions {
  /** Host and port, such as `ghcr.io` or `localhost:5000`. */
  readonly host: string;
  /** Where credentials come from; anonymous without. */
  readonly credentials?: CredentialSource | undefined;
  /** Accepts any certificate, and plain HTTP where HTTPS fails. Local hosts may use plain HTTP anyway. */
  readonly insecure?: boolean | undefined;
  /** Speaks plain HTTP without trying HTTPS. */
  readonly plainHttp?: boolean | undefined;
  /** PEM text of the authorities to trust instead of the built-in ones. */
  readonly ca?: string | readonly string[] | undefined;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read from it. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly userAgent?: string | undefined;
  /** The most connections to one host; 8 by default. */
  readonly connections?: number | undefined;
  /** Milliseconds without a byte, or with less than 16 KiB, after which an answer is given up; 60 s by default. */
  readonly idleTimeout?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Called once for each distinct text of the `Warning` headers of the registry. */
  readonly onWarning?: OnWarning | undefined;
  /** What clients of the same run learnt; each client learns alone without. */
  readonly cache?: ClientCache | undefined;
  readonly clock?: Clock | undefined;
  /** Called for each request, to the registry and to its token service. */
  readonly onExchange?: ((exchange: HttpExchange) => void) | undefined;
}

/** A remote registry. Close it to free its connections. */
export interface RegistryClient extends Registry, AsyncDisposable {
  readonly host: string;
  /**
   * Asks the registry who we are: succeeds if it answers and takes the credentials.
   *
   * @throws OciError `OCI_UNREACHABLE`, `OCI_UNAUTHORIZED`
   */
  ping(options?: CallOptions): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes a client of one registry. Nothing is sent before the first call.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`
 * @example
 * ```ts
 * await using client = createRegistryClient({ host: "ghcr.io" });
 * const manifest = await client.readManifest("org/app", "1.2.0");
 * ```
 */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const session = openSession(options);
  const reader = createReader(session);
  return {
    host: session.host,
    ...reader,
    ...createPusher(session, reader),
    ...createLister(session),
    ...createReferrerLister(session, reader),
    ...createDeleter(session, reader),
    ping: (call = {}) => ping(session, call),
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

function openSession(options: RegistryClientOptions): Session {
  const { insecure = false, plainHttp = false } = options;
  const host = parseHost(options.host);
  const transport = createTransport({
    connections: options.connections ?? 8,
    insecure,
    ca: options.ca,
    env: options.env ?? {},
    userAgent: options.userAgent ?? "tenon",
    idleTimeout: options.idleTimeout,
  });
  return createSession({
    host,
    transport: options.onExchange ? observeTransport(transport, options.onExchange) : transport,
    credentials: options.credentials,
    insecure,
    plainHttp,
    clock: options.clock ?? systemClock,
    retryPolicy: { ...defaultRetryPolicy, ...options.retry },
    known: hostCacheOf(options.cache ?? new Map(), { host, insecure, plainHttp }),
    onWarning: options.onWarning,
  });
}

async function ping(session: Session, options: CallOptions): Promise<void> {
  const response = await session.send({
    action: `reach ${session.host}`,
    method: "GET",
    target: "/v2/",
    access: { scopes: [] },
    expect: [200],
    signal: options.signal,
  });
  await discard(response);
}
