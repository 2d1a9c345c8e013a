import type { AccessToken } from "./token.ts";
import type { Transport } from "./transport.ts";

/**
 * What the clients of one run learn about registries and share, by host: so that a token is asked for once, and
 * a warning shown once. Start with an empty map. It holds secrets: keep it in memory.
 */
export type ClientCache = Map<string, HostCache>;

/** What is known about one registry, as one kind of client sees it. */
export interface HostCache {
  /** How the registry wants to be asked; nothing while it has not asked for any authorization. */
  scheme?: AuthorizationScheme | undefined;
  /** Scopes that its challenges named beside our own, by our own. */
  readonly extraScopes: Map<string, readonly string[]>;
  readonly tokens: Map<string, CachedToken>;
  /** Whether it speaks HTTPS or plain HTTP. */
  origin?: Promise<URL> | undefined;
  /** False once it did not know the referrers API. */
  hasReferrers?: boolean | undefined;
  /** Texts of the warnings that were told. */
  readonly warnings: Set<string>;
}

/** How a registry wants to be authorized. */
export type AuthorizationScheme =
  | { readonly kind: "basic" }
  | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined };

/** A token that is there, or under way. */
export interface CachedToken {
  /** Whose token it is, and of which service. */
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly value: Promise<AccessToken>;
  /** Over which it was asked for. */
  readonly asked: Transport;
  token: string | undefined;
  expiresAt: number;
}

/** What is known about a host; clients that trust differently share nothing. */
export function hostCacheOf(
  cache: ClientCache,
  client: { readonly host: string; readonly insecure: boolean; readonly plainHttp: boolean },
): HostCache {
  const key = JSON.stringify([client.host, client.insecure, client.plainHttp]);
  const known = cache.get(key);
  if (known !== undefined) return known;
  const fresh: HostCache = { extraScopes: new Map(), tokens: new Map(), warnings: new Set() };
  cache.set(key, fresh);
  return fresh;
}
