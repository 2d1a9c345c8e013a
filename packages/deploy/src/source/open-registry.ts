import { homedir } from "node:os";

import {
  type ArtifactRef,
  type Credential,
  createCredentialStore,
  createLayerCache,
  createRegistryClient,
  fixedCredential,
  formatRepository,
  parseCredential,
  parseReference,
  type LayerCache,
  OciError,
  type Reference,
  type RegistryClient,
} from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { latestTag } from "./module-version.ts";
import { openOffline } from "./offline-registry.ts";

/** What a use case of artifacts is given: nothing is evaluated. */
export type RegistryContext = Omit<DeployContext, "engine">;

/** A repository of a remote registry. Dispose it to free its connections. */
export interface OpenRegistry extends AsyncDisposable {
  readonly registry: RegistryClient;
  readonly reference: Reference;
  /** `oci://host/repository`. */
  readonly name: string;
}

/**
 * Opens the registry of a reference with the credentials given, or those that docker's and
 * containers' configuration hold; with `offline` what was vendored of it.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`, `OCI_CREDENTIALS_INVALID`
 */
export function openRegistry(
  context: RegistryContext,
  url: string,
  creds?: string | Credential,
): OpenRegistry {
  const reference = parseReference(url);
  if (context.offline === true) return openOffline(context, reference);
  const given = typeof creds === "string" ? parseCredential(creds) : creds;
  const registry = createRegistryClient({
    host: reference.host,
    credentials: given
      ? fixedCredential(reference.host, given)
      : createCredentialStore({ env: context.env, home: context.env["HOME"] ?? homedir() }),
    insecure: context.insecureRegistry,
    env: context.env,
  });
  const open: OpenRegistry = {
    registry,
    reference,
    name: formatRepository(reference),
    [Symbol.asyncDispose]: () => registry.close(),
  };
  return context.wrapRegistry?.(open) ?? open;
}

/**
 * Opens a repository as a whole.
 *
 * @throws OciError `OCI_REFERENCE_INVALID` also for a URL with a tag or a digest, and as
 * {@link openRegistry}
 */
export function openRepository(
  context: RegistryContext,
  url: string,
  creds?: string | Credential,
): OpenRegistry {
  const { tag, digest } = parseReference(url);
  const named = tag === undefined ? digest && `@${digest}` : `:${tag}`;
  if (named === undefined) return openRegistry(context, url, creds);
  throw new OciError(
    "OCI_REFERENCE_INVALID",
    `Cannot use reference ${url}: it has a ${tag === undefined ? "digest" : "tag"}, and a repository is meant`,
    { hint: `Leave ${named} out` },
  );
}

/** What in a repository a reference means: `latest` where it has neither a tag nor a digest. */
export function referenced({ repository, tag, digest }: ArtifactRef): ArtifactRef {
  return { repository, tag: tag ?? (digest === undefined ? latestTag : undefined), digest };
}

/** The cache of layers, where the context names a folder for it. */
export function layerCacheOf({ cacheDir }: RegistryContext): LayerCache | undefined {
  return cacheDir === undefined ? undefined : createLayerCache(cacheDir);
}
