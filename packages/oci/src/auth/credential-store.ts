import { type HelperOptions, getFromHelper } from "./credential-helper.ts";
import type { Credential, CredentialSource } from "./credential.ts";
import {
  type AuthConfig,
  type AuthEnvironment,
  authFiles,
  readAuthConfig,
  readAuthEntry,
} from "./docker-config.ts";

/** The key under which Docker keeps the credential of Docker Hub. */
export const DOCKER_HUB_KEY = "https://index.docker.io/v1/" as const;

/**
 * Looks credentials up where Docker and the containers tools keep them: `config.json` with its
 * helpers, `$REGISTRY_AUTH_FILE`, `auth.json`. That of a repository wins over that of its host.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID` from the lookup
 * @example
 * ```ts
 * const credentials = createCredentialStore({ env: process.env, home: homedir() });
 * const client = createRegistryClient({ host: "ghcr.io", credentials });
 * ```
 */
export function createCredentialStore(environment: AuthEnvironment): CredentialSource {
  return async ({ host, repository }, { signal }) => {
    const keys = lookupKeys(host, repository);
    for (const file of authFiles(environment)) {
      const config = await readAuthConfig(file);
      const found = config && (await findIn(config, keys, { env: environment.env, signal }));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** A source that gives the same credential to one host, and none to others. */
export function fixedCredential(host: string, credential: Credential): CredentialSource {
  return async (target) => (target.host === host ? credential : undefined);
}

/** The keys to look for, the most specific one first. */
export function lookupKeys(host: string, repository: string | undefined): string[] {
  const hosts = isDockerHub(host) ? ["index.docker.io", "docker.io"] : [host];
  const keys: string[] = [];
  const parts = repository?.split("/") ?? [];
  for (let depth = parts.length; depth > 0; depth--) {
    for (const name of hosts) keys.push(`${name}/${parts.slice(0, depth).join("/")}`);
  }
  if (isDockerHub(host)) keys.push(DOCKER_HUB_KEY);
  return [...keys, ...hosts];
}

/** Tells whether a host is one of Docker Hub's names. */
export function isDockerHub(host: string): boolean {
  return ["docker.io", "index.docker.io", "registry-1.docker.io"].includes(host);
}

async function findIn(
  config: AuthConfig,
  keys: readonly string[],
  options: HelperOptions,
): Promise<Credential | undefined> {
  const entries = normalizedEntries(config);
  for (const key of keys) {
    const helper = config.credHelpers?.[key];
    const found =
      helper === undefined
        ? readAuthEntry(entries.get(normalize(key)))
        : await getFromHelper(helper, key, options);
    if (found !== undefined) return found;
  }
  if (!config.credsStore) return undefined;
  // A store knows hosts, not repositories.
  for (const key of keys.filter((name) => name === DOCKER_HUB_KEY || !name.includes("/"))) {
    const found = await getFromHelper(config.credsStore, key, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

function normalizedEntries(
  config: AuthConfig,
): Map<string, NonNullable<AuthConfig["auths"]>[string]> {
  const entries = Object.entries(config.auths ?? {});
  return new Map(entries.map(([key, entry]) => [normalize(key), entry]));
}

/** Old files have keys such as `https://ghcr.io/v1/`. */
function normalize(key: string): string {
  if (key === DOCKER_HUB_KEY) return key;
  return key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
}
