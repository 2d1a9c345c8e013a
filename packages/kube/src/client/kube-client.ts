import { messageOf } from "@tenon/core";
import type { Dispatcher } from "undici";

import { type Clock, systemClock } from "../clock.ts";
import { KubeError } from "../errors.ts";
import { WatchHub } from "../watch/watch-hub.ts";
import { apiError, isSchemaError, parseStatus } from "./api-error.ts";
import type { KubeConnection } from "./connection.ts";
import { type CredentialSource, type Credentials, createCredentials } from "./credentials.ts";
import { Discovery, type DiscoveryCache } from "./discovery.ts";
import { Outages, type OnRetry } from "./outages.ts";
import {
  type Answer,
  type KubeRequest,
  type KubeResponse,
  exchange,
  exchangeLines,
} from "./request.ts";
import { Attempts, type Persistence, defaultPatience, isConnectionError } from "./retry.ts";

/** What a {@link KubeClient} can be given beside its connection. */
export interface KubeClientOptions {
  readonly userAgent?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Keeps discovery between runs. */
  readonly discoveryCache?: DiscoveryCache | undefined;
  /** How long a server that was reached before may be away; 60 seconds by default. */
  readonly patienceMs?: number | undefined;
  /** Told from time to time while calls are repeated because the server does not serve them. */
  readonly onRetry?: OnRetry | undefined;
}

/** The version of an API server. */
export interface ServerVersion {
  readonly gitVersion: string;
  readonly major: string;
  readonly minor: string;
}

/** A pooled connection to one API server. Close it when done. */
export class KubeClient implements AsyncDisposable {
  readonly connection: KubeConnection;
  readonly clock: Clock;
  readonly discovery: Discovery;
  /** Objects as they change, one watch for each kind however many wait for them. */
  readonly watches: WatchHub = new WatchHub(this);
  readonly #userAgent: string;
  readonly #credentials: CredentialSource;
  #pool: { readonly id: string; readonly dispatcher: Promise<Dispatcher> } | undefined;
  readonly #patience: number;
  readonly #outages: Outages;
  #reached = false;
  #requests = 0;
  #skew = 0;
  #version: Promise<ServerVersion> | undefined;

  constructor(connection: KubeConnection, options: KubeClientOptions = {}) {
    this.connection = connection;
    this.clock = options.clock ?? systemClock;
    this.#userAgent = options.userAgent ?? "tenon";
    this.#credentials = createCredentials(connection, this.clock);
    this.discovery = new Discovery(this, options.discoveryCache);
    this.#patience = options.patienceMs ?? defaultPatience;
    this.#outages = new Outages(this.clock, options.onRetry);
  }

  /** How many calls were sent, repeats included. */
  get requests(): number {
    return this.#requests;
  }

  /** Milliseconds since the epoch by the clock of the server, as far as it has told us. */
  now(): number {
    return this.clock.now() + this.#skew;
  }

  /**
   * Sends one call, repeating it while the server is busy and that does no harm.
   *
   * @throws KubeError with the code of what the server said; `KUBE_UNREACHABLE` when it says nothing
   */
  async request(call: KubeRequest): Promise<KubeResponse> {
    let refused = false;
    const attempts = new Attempts(this.clock, this.#patience);
    for (;;) {
      call.signal?.throwIfAborted();
      const outcome = await this.#attempt(call);
      if (outcome.response !== undefined) return outcome.response;
      if (outcome.error.code === "KUBE_UNAUTHORIZED" && !refused) {
        refused = true;
        if (this.#credentials.refuse()) continue;
      }
      const pause = attempts.next(outcome.retry, outcome.after);
      if (pause === undefined) throw outcome.error;
      this.#outages.note(outcome.error, { action: actionOf(call), pauseMs: pause });
      await this.clock.sleep(pause, call.signal);
    }
  }

  /**
   * Sends one call whose answer goes on: its lines come as they arrive, until the server ends it.
   * Nothing is repeated.
   *
   * @throws KubeError with the code of what the server said; `KUBE_UNREACHABLE` when the connection breaks
   */
  async *lines(call: KubeRequest): AsyncGenerator<string, void, undefined> {
    const credentials = await this.#credentials.get(call.signal);
    const dispatcher = await this.#dispatcher(credentials);
    const headers = { "user-agent": this.#userAgent, ...credentials.headers };
    this.#requests++;
    try {
      for await (const line of exchangeLines(this.connection.server, call, {
        dispatcher,
        headers,
      })) {
        if (typeof line !== "string") {
          const { error } = this.#failure(call, line, false);
          throw error;
        }
        this.#reached = true;
        yield line;
      }
    } catch (cause) {
      call.signal?.throwIfAborted();
      if (!isConnectionError(cause)) throw cause;
      throw this.#unreachable(call, cause);
    }
  }

  /** The version of the server, asked once. */
  version(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ServerVersion> {
    this.#version ??= this.request({
      method: "GET",
      path: "/version",
      action: "read the server version",
      ...options,
    }).then(
      (response) => JSON.parse(response.text) as ServerVersion,
      (error: unknown) => {
        this.#version = undefined;
        throw error;
      },
    );
    return this.#version;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.watches.close();
    const pool = this.#pool;
    this.#pool = undefined;
    // A pool that could not be opened has told so already.
    const dispatcher = await pool?.dispatcher.catch(() => undefined);
    await dispatcher?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #attempt(call: KubeRequest): Promise<Outcome> {
    const credentials = await this.#credentials.get(call.signal);
    const dispatcher = await this.#dispatcher(credentials);
    const idempotent = call.idempotent ?? call.method === "GET";
    try {
      this.#requests++;
      const answer = await exchange(this.connection.server, call, {
        dispatcher,
        headers: { "user-agent": this.#userAgent, ...credentials.headers },
      });
      // What stands before the server may answer in its place.
      if (!isDown(answer)) this.#reached = true;
      this.#learnTime(answer.date);
      if (answer.status < 400) {
        this.#outages.end();
        return { response: answer };
      }
      return this.#failure(call, answer, idempotent);
    } catch (cause) {
      call.signal?.throwIfAborted();
      if (!isConnectionError(cause)) throw cause;
      const safe = idempotent || isRefused(cause);
      const retry = this.#reached ? this.#lasting(call) : "once";
      return { error: this.#unreachable(call, cause), retry: safe ? retry : "no" };
    }
  }

  /** Servers tell whole seconds: smaller differences are no skew. */
  #learnTime(date: string | undefined): void {
    const skew = Date.parse(date ?? "") - this.clock.now();
    if (Number.isFinite(skew)) this.#skew = Math.abs(skew) > 2000 ? skew : 0;
  }

  #failure(call: KubeRequest, answer: Answer, idempotent: boolean): Failure {
    const error = apiError({
      httpStatus: answer.status,
      body: answer.text,
      action: actionOf(call),
      impersonate: this.connection.impersonate?.user,
    });
    const status = parseStatus(answer.text, answer.status);
    const after = answer.retryAfter ?? status.details?.retryAfterSeconds;
    return {
      error,
      retry: isSchemaError(status) ? "no" : this.#persistence(call, error, { answer, idempotent }),
      after: after === undefined ? undefined : Math.min(after, 30) * 1000,
    };
  }

  #persistence(
    call: KubeRequest,
    error: KubeError,
    { answer: { status }, idempotent }: { answer: Answer; idempotent: boolean },
  ): Persistence {
    switch (status) {
      case 429:
        return this.#lasting(call);
      case 401:
      case 403:
        // A server that has just come back does not know all users and roles yet.
        return this.#outages.isRecent || isStarting(error) ? "few" : "no";
      case 409:
        return error.code === "KUBE_STALE" && call.unversioned === true ? "few" : "no";
      case 502:
      case 503:
        return idempotent ? this.#lasting(call) : "no";
      default:
        return status >= 500 && idempotent ? "few" : "no";
    }
  }

  /** A server that has never served anything may be down for good. */
  #lasting({ brief }: KubeRequest): Persistence {
    return brief === true || !this.#reached ? "few" : "long";
  }

  #unreachable(call: KubeRequest, cause: unknown): KubeError {
    const { server, context, proxy } = this.connection;
    const from = context === undefined ? "" : ` (context ${context})`;
    const through = proxy === undefined ? "" : " through the proxy";
    return new KubeError(
      "KUBE_UNREACHABLE",
      `Cannot ${call.action ?? "call the API server"}: ${server}${from} cannot be reached${through}: ${reasonOf(cause)}`,
      { hint: "Check that the cluster runs and that the context is the right one", cause },
    );
  }

  /** One pool for each client certificate: an exec plugin may renew it. */
  #dispatcher(credentials: Credentials): Promise<Dispatcher> {
    const id = credentials.cert ?? "";
    if (this.#pool?.id !== id) {
      void this.#pool?.dispatcher.then((old) => old.close()).catch(() => {});
      this.#pool = { id, dispatcher: openDispatcher(this.connection, credentials) };
    }
    return this.#pool.dispatcher;
  }
}

type Outcome = { readonly response: KubeResponse; readonly error?: undefined } | Failure;

interface Failure {
  readonly response?: undefined;
  readonly error: KubeError;
  readonly retry: Persistence;
  readonly after?: number | undefined;
}

function actionOf({ action, method, path }: KubeRequest): string {
  return action ?? `${method} ${path}`;
}

function isDown({ status }: Answer): boolean {
  return status === 502 || status === 503;
}

/** What admission says while the server is starting. */
function isStarting(error: KubeError): boolean {
  return error.message.includes("not yet ready to handle request");
}

function isRefused(cause: unknown): boolean {
  return reasonOf(cause).includes("ECONNREFUSED");
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  const nested = inner instanceof Error && inner.cause instanceof Error ? inner.cause : inner;
  return messageOf(nested) || String((nested as { code?: string }).code ?? "no reason given");
}

/** Opens a client. Nothing is sent before the first call. */
export function createKubeClient(
  connection: KubeConnection,
  options: KubeClientOptions = {},
): KubeClient {
  return new KubeClient(connection, options);
}

/** Most commands speak to no API server and need not load what does. */
async function openDispatcher(
  connection: KubeConnection,
  credentials: Credentials,
): Promise<Dispatcher> {
  const { createDispatcher } = await import("./dispatcher.ts");
  return createDispatcher(connection, credentials);
}
