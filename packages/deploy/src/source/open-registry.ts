import { homedir } from "node:os";

import {
  type Credential,
  createCredentialStore,
  createLayerCache,
  createRegistryClient,
  fixedCredential,
  formatRepository,
  parseCredential,
  parseReference,
  type LayerCache,
  type Reference,
  type RegistryClient,
} from "@tenon/oci";

import type { DeployContext } from "../context.ts";

/** A repository of a remote registry. Dispose it to free its connections. */
export interface OpenRegistry extends AsyncDisposable {
  readonly registry: RegistryClient;
  readonly reference: Reference;
  /** `oci://host/repository`. */
  readonly name: string;
}

/**
 * Opens the registry of a reference with the credentials given, or those that docker's and
 * containers' configuration hold.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`, `OCI_CREDENTIALS_INVALID`
 */
export function openRegistry(
  context: DeployContext,
  url: string,
  creds?: string | Credential,
): OpenRegistry {
  const reference = parseReference(url);
  const given = typeof creds === "string" ? parseCredential(creds) : creds;
  const registry = createRegistryClient({
    host: reference.host,
    credentials: given
      ? fixedCredential(reference.host, given)
      : createCredentialStore({ env: context.env, home: context.env["HOME"] ?? homedir() }),
    insecure: context.insecureRegistry,
    env: context.env,
  });
  return {
    registry,
    reference,
    name: formatRepository(reference),
    [Symbol.asyncDispose]: () => registry.close(),
  };
}

/** The cache of layers, where the context names a folder for it. */
export function layerCacheOf({ cacheDir }: DeployContext): LayerCache | undefined {
  return cacheDir === undefined ? undefined : createLayerCache(cacheDir);
}
