import type { IncomingMessage, ServerResponse } from "node:http";

import { OciError } from "../errors.ts";
import type { Exchange } from "./context.ts";
import { deleteBlob, deleteManifest } from "./delete.ts";
import { listReferrers, listRepositories, listTags } from "./list.ts";
import { beginUpload, continueUpload, endUpload, inspectUpload, pushManifest } from "./push.ts";
import { readBlob, readManifest } from "./read.ts";
import { replyEmpty, replyError, replyJson } from "./reply.ts";
import { type Route, parseRoute } from "./route.ts";

/** What a handler serves from. */
export interface HandlerContext extends Pick<Exchange, "registry" | "uploads"> {
  readonly isReadOnly: boolean;
  /** Tells whether a request may go on, from its `Authorization`. */
  readonly isAllowed: (authorization: string | undefined) => boolean;
}

/** Answers one request; never rejects. */
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  context: HandlerContext,
): Promise<void> {
  response.setHeader("docker-distribution-api-version", "registry/2.0");
  response.setHeader("x-content-type-options", "nosniff");
  // Who has gone needs no answer.
  response.on("error", () => undefined);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    checkCaller(request, response, context);
    const url = new URL(request.url ?? "/", "http://registry");
    const route = parseRoute(url.pathname);
    const exchange = {
      ...context,
      request,
      response,
      query: url.searchParams,
      signal: gone.signal,
    };
    if (route === undefined) replyJson(response, 404, { errors: [{ code: "UNSUPPORTED" }] });
    else await dispatch(exchange, route);
  } catch (error) {
    await replyError(response, error);
  }
}

function checkCaller(
  request: IncomingMessage,
  response: ServerResponse,
  context: HandlerContext,
): void {
  if (!context.isAllowed(request.headers.authorization)) {
    response.setHeader("www-authenticate", 'Basic realm="tenon"');
    throw new OciError("OCI_UNAUTHORIZED", "Cannot use registry: log in first");
  }
  // A web page must not write here through the browser of someone who may.
  const reads = request.method === "GET" || request.method === "HEAD";
  if (request.headers.origin !== undefined && !reads) {
    throw new OciError("OCI_DENIED", "Cannot write from a web page");
  }
  if (context.isReadOnly && !reads) {
    response.setHeader("allow", "GET, HEAD");
    throw new OciError("OCI_UNSUPPORTED", "Cannot change anything: this registry is read-only");
  }
}

async function dispatch(exchange: Exchange, route: Route): Promise<void> {
  const handler = handlerOf(exchange, route, exchange.request.method ?? "");
  if (handler === undefined) {
    const message = `Cannot ${exchange.request.method} this: the registry has no such method`;
    throw new OciError("OCI_UNSUPPORTED", message);
  }
  await handler();
}

function handlerOf(
  exchange: Exchange,
  route: Route,
  method: string,
): (() => Promise<void> | void) | undefined {
  const reads = method === "GET" || method === "HEAD";
  switch (route.kind) {
    case "ping":
      return reads ? () => replyPing(exchange) : undefined;
    case "catalog":
      return reads ? () => listRepositories(exchange) : undefined;
    case "tags":
      return reads ? () => listTags(exchange, route.repository) : undefined;
    case "referrers":
      return reads ? () => listReferrers(exchange, route.repository, route.digest) : undefined;
    case "manifest":
      if (reads) return () => readManifest(exchange, route.repository, route.reference);
      if (method === "PUT") return () => pushManifest(exchange, route.repository, route.reference);
      if (method !== "DELETE") return undefined;
      return () => deleteManifest(exchange, route.repository, route.reference);
    case "blob":
      if (reads) return () => readBlob(exchange, route.repository, route.digest);
      if (method !== "DELETE") return undefined;
      return () => deleteBlob(exchange, route.repository, route.digest);
    case "uploads":
      return method === "POST" ? () => beginUpload(exchange, route.repository) : undefined;
    case "upload":
      return uploadHandler(exchange, route.repository, route.id, method);
  }
}

function uploadHandler(
  exchange: Exchange,
  repository: string,
  id: string,
  method: string,
): (() => Promise<void>) | undefined {
  const find = () => exchange.uploads.find(repository, id);
  switch (method) {
    case "PATCH":
      return () => continueUpload(exchange, find());
    case "PUT":
      return () => endUpload(exchange, find());
    case "GET":
    case "DELETE":
      return () => inspectUpload(exchange, find());
    default:
      return undefined;
  }
}

function replyPing(exchange: Exchange): void {
  if (exchange.request.method === "HEAD") replyEmpty(exchange.response, 200);
  else replyJson(exchange.response, 200, {});
}
