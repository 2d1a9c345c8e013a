import { Buffer } from "node:buffer";

import type { Credential, CredentialSource } from "../auth/credential.ts";
import { OciError } from "../errors.ts";
import { parseChallenges } from "./challenge.ts";
import type { AuthorizationScheme, CachedToken, HostCache } from "./client-cache.ts";
import type { Clock } from "./clock.ts";
import { fetchToken } from "./token.ts";
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
  readonly known: HostCache;
}

type BearerScheme = AuthorizationScheme & { readonly kind: "bearer" };

/** Makes an authorizer that shares its tokens with others of the same run. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { known } = options;
  const { extraScopes, tokens } = known;
  const credentials = new Map<string, Promise<Credential | undefined>>();

  const credentialFor = (access: Access, signal: AbortSignal | undefined) => {
    const key = access.repository ?? "";
    const earlier = credentials.get(key);
    if (earlier !== undefined) return earlier;
    const found = Promise.resolve(
      options.credentials?.({ host: options.host, repository: access.repository }, { signal }),
    );
    credentials.set(key, found);
    found.catch(() => credentials.delete(key));
    return found;
  };

  const tokenFor = async (
    bearer: BearerScheme,
    access: Access,
    signal: AbortSignal | undefined,
  ) => {
    const credential = await credentialFor(access, signal);
    if (credential?.kind === "bearer") return credential.token;
    const scopes = mergeScopes([...access.scopes, ...(extraScopes.get(keyOf(access)) ?? [])]);
    const owner = JSON.stringify([bearer.realm.href, bearer.service, credential]);
    const now = options.clock.now();
    for (const cached of tokens.values()) {
      const isGood = cached.owner === owner && cached.expiresAt > now;
      if (!isGood || !allows(cached.scopes, scopes)) continue;
      if (cached.asked === options.transport) return (await abortable(cached.value, signal)).token;
      // Another client asked, and may have been closed under way.
      const shared = await abortable(cached.value, signal).catch(() => undefined);
      signal?.throwIfAborted();
      if (shared !== undefined) return shared.token;
    }
    const key = JSON.stringify([owner, scopes]);
    const value = fetchToken({ ...options, ...bearer, scopes, credential });
    const entry: CachedToken = {
      owner,
      scopes,
      value,
      asked: options.transport,
      token: undefined,
      expiresAt: Number.POSITIVE_INFINITY,
    };
    tokens.set(key, entry);
    value.then(
      (found) => Object.assign(entry, found),
      () => tokens.get(key) === entry && tokens.delete(key),
    );
    return (await abortable(value, signal)).token;
  };

  return {
    async authorize(access, signal) {
      const { scheme } = known;
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
        known.scheme = { kind: "bearer", realm: readRealm(realm, response.url, options), service };
        for (const [key, { token }] of tokens) {
          if (token !== undefined && sent === `Bearer ${token}`) tokens.delete(key);
        }
        return true;
      }
      if (!challenges.some((challenge) => challenge.scheme === "basic")) return false;
      known.scheme = { kind: "basic" };
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
function mergeScopes(scopes: readonly string[]): string[] {
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

/** Tells whether a token of some scopes serves for others too. */
function allows(given: readonly string[], wanted: readonly string[]): boolean {
  const rights = new Set(given.flatMap(rightsOf));
  return wanted.flatMap(rightsOf).every((right) => rights.has(right));
}

function rightsOf(scope: string): string[] {
  const colon = scope.lastIndexOf(":");
  const resource = scope.slice(0, colon);
  return scope
    .slice(colon + 1)
    .split(",")
    .map((action) => `${resource}:${action}`);
}
