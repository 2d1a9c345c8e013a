import { Buffer } from "node:buffer";

import type { Credential, CredentialSource } from "../auth/credential.ts";
import { OciError } from "../errors.ts";
import { parseChallenges } from "./challenge.ts";
import type { Clock } from "./clock.ts";
import { type AccessToken, fetchToken } from "./token.ts";
import type { HttpResponse, Transport } from "./transport.ts";

/** What a request needs to be allowed to do. */
export interface Access {
  readonly repository?: string | undefined;
  /** Such as `repository:org/app:pull,push`. */
  readonly scopes: readonly string[];
}

/** Gives requests their `Authorization`, learning from the challenges of the registry. */
export interface Authorizer {
  /** The header for a request, or nothing while the registry has not asked for any. */
  authorize(access: Access, signal: AbortSignal | undefined): Promise<string | undefined>;
  /** Learns from a 401; false means that there is nothing else to try. */
  challenged(response: HttpResponse, access: Access, sent: string | undefined): boolean;
}

/** Options of {@link createAuthorizer}. */
export interface AuthorizerOptions {
  readonly host: string;
  readonly credentials: CredentialSource | undefined;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly insecure: boolean;
}

type Scheme =
  | { readonly kind: "basic" }
  | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined };

interface CachedToken {
  readonly value: Promise<AccessToken>;
  token: string | undefined;
  expiresAt: number;
}

/** Makes an authorizer with its own token cache. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const tokens = new Map<string, CachedToken>();
  const extraScopes = new Map<string, readonly string[]>();
  const credentials = new Map<string, Promise<Credential | undefined>>();
  let scheme: Scheme | undefined;

  const credentialFor = (access: Access, signal: AbortSignal | undefined) => {
    const key = access.repository ?? "";
    const known = credentials.get(key);
    if (known !== undefined) return known;
    const found = Promise.resolve(
      options.credentials?.({ host: options.host, repository: access.repository }, { signal }),
    );
    credentials.set(key, found);
    found.catch(() => credentials.delete(key));
    return found;
  };

  const tokenFor = async (
    bearer: Scheme & { kind: "bearer" },
    access: Access,
    signal: AbortSignal | undefined,
  ) => {
    const credential = await credentialFor(access, signal);
    if (credential?.kind === "bearer") return credential.token;
    const scopes = mergeScopes([...access.scopes, ...(extraScopes.get(keyOf(access)) ?? [])]);
    const key = scopes.join(" ");
    const cached = tokens.get(key);
    if (cached !== undefined && cached.expiresAt > options.clock.now()) {
      return (await abortable(cached.value, signal)).token;
    }
    const value = fetchToken({ ...options, ...bearer, scopes, credential });
    const entry: CachedToken = { value, token: undefined, expiresAt: Number.POSITIVE_INFINITY };
    tokens.set(key, entry);
    value.then(
      (found) => Object.assign(entry, found),
      () => tokens.delete(key),
    );
    return (await abortable(value, signal)).token;
  };

  return {
    async authorize(access, signal) {
      if (scheme === undefined) return undefined;
      if (scheme.kind === "bearer") return `Bearer ${await tokenFor(scheme, access, signal)}`;
      const credential = await credentialFor(access, signal);
      return credential && directHeader(credential);
    },
    challenged(response, access, sent) {
      const challenges = parseChallenges(response.headers("www-authenticate"));
      const bearer = challenges.find((challenge) => challenge.scheme === "bearer");
      if (bearer?.parameters["realm"] !== undefined) {
        const { realm, service, scope } = bearer.parameters;
        if (scope !== undefined && scope !== "") extraScopes.set(keyOf(access), scope.split(" "));
        scheme = { kind: "bearer", realm: readRealm(realm, response.url, options), service };
        for (const [key, known] of tokens) {
          if (known.token !== undefined && sent === `Bearer ${known.token}`) tokens.delete(key);
        }
        return true;
      }
      if (!challenges.some((challenge) => challenge.scheme === "basic")) return false;
      scheme = { kind: "basic" };
      return sent === undefined && options.credentials !== undefined;
    },
  };
}

/** Waits for a shared promise without letting one waiter's signal end it for the others. */
async function abortable<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return shared;
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort!);
  }
}

function keyOf(access: Access): string {
  return access.scopes.join(" ");
}

function directHeader(credential: Credential): string {
  if (credential.kind !== "basic") return `Bearer ${credential.token}`;
  const pair = `${credential.username}:${credential.password}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function readRealm(realm: string, origin: URL, options: AuthorizerOptions): URL {
  if (!URL.canParse(realm)) throw badRealm(options.host, "its token service has no valid URL");
  const url = new URL(realm);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw badRealm(options.host, "its token service has no web address");
  }
  if (url.protocol === "http:" && origin.protocol === "https:" && !options.insecure) {
    throw badRealm(options.host, "its token service wants credentials over plain HTTP");
  }
  return url;
}

function badRealm(host: string, why: string): OciError {
  return new OciError("OCI_PROTOCOL_VIOLATED", `Cannot authenticate to ${host}: ${why}`);
}

/** Joins scopes of the same resource, so that one token serves them all. */
export function mergeScopes(scopes: readonly string[]): string[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of scopes) {
    const colon = scope.lastIndexOf(":");
    if (colon < 0) continue;
    const resource = scope.slice(0, colon);
    const known = actions.get(resource) ?? new Set<string>();
    for (const action of scope.slice(colon + 1).split(",")) known.add(action);
    actions.set(resource, known);
  }
  return [...actions]
    .map(([resource, known]) => `${resource}:${[...known].sort().join(",")}`)
    .sort();
}
