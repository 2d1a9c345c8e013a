import type { Credential, CredentialSource } from "./credential.ts";
import type { AuthEnvironment } from "./docker-config.ts";
import { findCredential } from "./find-credential.ts";

/**
 * Looks credentials up where Docker and the containers tools keep them: `config.json` with its
 * helpers, `$REGISTRY_AUTH_FILE`, `auth.json`; then that of the cloud's identity that runs here. That of a
 * repository wins over that of its host.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID` from the lookup
 * @example
 * ```ts
 * const credentials = createCredentialStore({ env: process.env, home: homedir() });
 * const client = createRegistryClient({ host: "ghcr.io", credentials });
 * ```
 */
export function createCredentialStore(environment: AuthEnvironment): CredentialSource {
  return async (target, { signal }) => findCredential(environment, target, { signal });
}

/** A source that gives the same credential to one host, and none to others. */
export function fixedCredential(host: string, credential: Credential): CredentialSource {
  return async (target) => (target.host === host ? credential : undefined);
}
