import { Buffer } from "node:buffer";

import { messageOf } from "@tenon/core";

import type { Credential } from "../auth/credential.ts";
import { readAll } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { networkError, responseError } from "./response-error.ts";
import type { HttpResponse, Transport } from "./transport.ts";

/** A request to a token service. */
export interface TokenRequest {
  readonly host: string;
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** An access token and the time until which it is used. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
}

const clientId = "tenon";
const defaultLifetime = 60;

/** Gets an access token: anonymously, with a password, or for an identity token. */
export async function fetchToken(request: TokenRequest): Promise<AccessToken> {
  const askedAt = request.clock.now();
  const subject = { host: request.host, action: `authenticate to ${request.host}` };
  let response: HttpResponse;
  let text: string;
  try {
    response = await askForToken(request);
    if (response.status !== 200) throw await responseError(response, subject, request.clock);
    text = (await readAll(response.body, 1024 * 1024, "token")).toString("utf8");
  } catch (error) {
    if (!isNetworkFailure(error)) throw error;
    throw networkError(error, { ...subject, host: request.realm.host });
  }
  return readToken(text, askedAt, request.host);
}

async function askForToken(request: TokenRequest): Promise<HttpResponse> {
  const { credential, transport } = request;
  if (credential?.kind === "identity") {
    return transport.send({
      method: "POST",
      url: request.realm,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: Buffer.from(refreshForm(request, credential.token)),
      redirects: "same-origin",
    });
  }
  const url = new URL(request.realm);
  if (request.service !== undefined) url.searchParams.set("service", request.service);
  for (const scope of request.scopes) url.searchParams.append("scope", scope);
  url.searchParams.set("client_id", clientId);
  if (credential?.kind !== "basic") {
    return transport.send({ method: "GET", url, headers: { accept: "application/json" } });
  }
  url.searchParams.set("account", credential.username);
  const pair = Buffer.from(`${credential.username}:${credential.password}`).toString("base64");
  const authorization = `Basic ${pair}`;
  return transport.send({
    method: "GET",
    url,
    headers: { accept: "application/json" },
    authorization,
  });
}

function refreshForm(request: TokenRequest, token: string): string {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: clientId });
  if (request.service !== undefined) form.set("service", request.service);
  form.set("scope", request.scopes.join(" "));
  form.set("refresh_token", token);
  return form.toString();
}

function readToken(text: string, askedAt: number, host: string): AccessToken {
  let body: Record<string, unknown> | null;
  try {
    body = JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    body = null;
  }
  const token = body?.["access_token"] ?? body?.["token"];
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    const why = "its token service gave no usable token";
    throw new OciError("OCI_PROTOCOL_VIOLATED", `Cannot authenticate to ${host}: ${why}`);
  }
  const lifetime = Number(body?.["expires_in"] ?? defaultLifetime);
  const seconds = Number.isFinite(lifetime) && lifetime > 0 ? lifetime : defaultLifetime;
  // A token is not used in its last tenth, so that it does not expire under way.
  return { token, expiresAt: askedAt + seconds * 900 };
}

function isNetworkFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    !(error instanceof OciError) &&
    messageOf(error) !== ""
  );
}
