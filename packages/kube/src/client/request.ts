import { setMaxListeners } from "node:events";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";

import type { Dispatcher } from "undici";

import { retryAfter } from "./retry.ts";

/** One call to the API server. Bodies are JSON text, sent as given. */
export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path from the root of the server, already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: string | undefined;
  /** `application/json` when there is a body and nothing else is said. */
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  /** Completes "Cannot …" in errors, such as `apply Deployment/apps/web`. */
  readonly action?: string | undefined;
  /** Whether sending it twice does no harm; by default true for GET alone. */
  readonly idempotent?: boolean | undefined;
  /** It names no version of an object: a conflict with another writer goes away by itself. */
  readonly unversioned?: boolean | undefined;
  /** A server that does not serve this may never do so: it is not worth waiting long for. */
  readonly brief?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The answer to a call that succeeded. */
export interface KubeResponse {
  readonly status: number;
  readonly text: string;
  /** Texts of the Warning headers: deprecated APIs, unknown fields. */
  readonly warnings: readonly string[];
  readonly etag?: string | undefined;
}

const unzip = promisify(gunzip);

/** An answer of any status, with what the client itself needs of its headers. */
export interface Answer extends KubeResponse {
  readonly retryAfter?: number | undefined;
  readonly date: string | undefined;
}

type Via = { dispatcher: Dispatcher; headers: Record<string, string | string[]> };

/** Sends one call and reads the whole answer. */
export async function exchange(server: string, call: KubeRequest, via: Via): Promise<Answer> {
  return readAnswer(await open(server, call, { ...via, timeout: 65_000 }));
}

/** A server that lives tells something about a watch every minute. */
const silence = 120_000;

/** Sends one call and hands out the lines of a good answer as they come; else the answer comes whole. */
export async function* exchangeLines(
  server: string,
  call: KubeRequest,
  via: Via,
): AsyncGenerator<string | Answer, void, undefined> {
  const response = await open(server, call, { ...via, timeout: silence });
  if (response.statusCode >= 400) {
    yield await readAnswer(response);
    return;
  }
  const zipped = response.headers["content-encoding"] === "gzip";
  const body = zipped ? response.body.pipe(createGunzip()) : response.body;
  let rest = "";
  for await (const chunk of body.setEncoding("utf8") as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestLine) throw new TypeError("The API server sent a line without an end");
    for (const line of lines) if (line !== "") yield line;
  }
}

/** No object is larger than what etcd takes, with room for what JSON adds. */
const longestLine = 32 * 1024 * 1024;

function open(
  server: string,
  call: KubeRequest,
  via: Via & { readonly timeout: number },
): Promise<Dispatcher.ResponseData> {
  const url = new URL(server + call.path);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  // Many calls share one signal: that is no leak.
  if (call.signal !== undefined) setMaxListeners(0, call.signal);
  return via.dispatcher.request({
    method: call.method,
    origin: url.origin,
    path: url.pathname + url.search,
    headersTimeout: 65_000,
    bodyTimeout: via.timeout,
    headers: {
      accept: call.accept ?? "application/json",
      "accept-encoding": "gzip",
      ...(call.body === undefined
        ? {}
        : { "content-type": call.contentType ?? "application/json" }),
      ...via.headers,
    },
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
}

async function readAnswer(response: Dispatcher.ResponseData): Promise<Answer> {
  const bytes = Buffer.from(await response.body.arrayBuffer());
  const zipped = response.headers["content-encoding"] === "gzip";
  return {
    status: response.statusCode,
    text: (zipped ? await unzip(bytes) : bytes).toString("utf8"),
    warnings: [response.headers["warning"] ?? []].flat().map(warningText),
    etag: [response.headers["etag"]].flat()[0],
    date: [response.headers["date"]].flat()[0],
    retryAfter: retryAfter([response.headers["retry-after"]].flat()[0]),
  };
}

/** `299 - "text"` carries its text as a quoted string. */
function warningText(header: string): string {
  const quoted = /^\d+ \S+ "((?:[^"\\]|\\.)*)"/.exec(header)?.[1];
  return quoted === undefined ? header : quoted.replaceAll(/\\(.)/g, "$1");
}
