import { findCloudCredential } from "./cloud/find-cloud-credential.ts";
import { type HelperOptions, getFromHelper } from "./credential-helper.ts";
import type { Credential } from "./credential.ts";
import {
  type AuthConfig,
  type AuthEnvironment,
  authFiles,
  readAuthConfig,
  readAuthEntry,
} from "./docker-config.ts";
import { DOCKER_HUB_KEY, lookupKeys } from "./lookup-keys.ts";

/** One place where a credential was looked for. No secret stands in it. */
export interface CredentialStep {
  /** Path of a file, `docker-credential-NAME`, or the identity of a cloud. */
  readonly place: string;
  /** What was there, or why there was nothing: `user ann, for ghcr.io/org`. */
  readonly result: string;
  readonly found: boolean;
}

/** Options of {@link findCredential}. */
export interface FindCredentialOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called for each place in its turn. */
  readonly onStep?: ((step: CredentialStep) => void) | undefined;
}

/** Whose credential is looked for. */
export interface CredentialTarget {
  readonly host: string;
  readonly repository?: string | undefined;
}

/**
 * Looks a credential up in the files of Docker and the containers tools, and asks their helpers. That of a
 * repository wins over that of its host. Where they have none for the registry of a cloud, the cloud is
 * asked for one of the identity that runs here.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export async function findCredential(
  environment: AuthEnvironment,
  { host, repository }: CredentialTarget,
  options: FindCredentialOptions = {},
): Promise<Credential | undefined> {
  const keys = lookupKeys(host, repository);
  const { onStep = () => undefined, signal } = options;
  for (const file of authFiles(environment)) {
    const config = await readAuthConfig(file);
    if (config === undefined) {
      onStep({ place: file, result: "no such file", found: false });
      continue;
    }
    const found = await findIn(config, keys, { env: environment.env, signal, file, onStep });
    if (found !== undefined) return found;
  }
  const found = await findCloudCredential(environment, host, { signal });
  if (found === undefined) return undefined;
  const { cloud, identity, credential } = found;
  onStep({ place: cloud, result: identity ?? "none here", found: credential !== undefined });
  return credential;
}

/** Who a credential stands for, without its secret. */
function describeCredential(credential: Credential): string {
  if (credential.kind === "basic") return `user ${credential.username}`;
  return credential.kind === "bearer" ? "a bearer token" : "an identity token";
}

interface Lookup extends HelperOptions {
  readonly file: string;
  readonly onStep: (step: CredentialStep) => void;
}

async function findIn(
  config: AuthConfig,
  keys: readonly string[],
  lookup: Lookup,
): Promise<Credential | undefined> {
  const entries = normalizedEntries(config);
  for (const key of keys) {
    const helper = config.credHelpers?.[key];
    const found =
      helper === undefined
        ? readAuthEntry(entries.get(normalize(key)))
        : await askHelper(helper, key, lookup);
    if (found === undefined) continue;
    if (helper === undefined) {
      const result = `${describeCredential(found)}, for ${key}`;
      lookup.onStep({ place: lookup.file, result, found: true });
    }
    return found;
  }
  lookup.onStep({ place: lookup.file, result: `nothing for ${keys.at(-1)}`, found: false });
  if (!config.credsStore) return undefined;
  // A store knows hosts, not repositories.
  for (const key of keys.filter((name) => name === DOCKER_HUB_KEY || !name.includes("/"))) {
    const found = await askHelper(config.credsStore, key, lookup);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function askHelper(
  helper: string,
  key: string,
  { onStep, ...options }: Lookup,
): Promise<Credential | undefined> {
  const found = await getFromHelper(helper, key, options);
  const result =
    found === undefined ? `nothing for ${key}` : `${describeCredential(found)}, for ${key}`;
  onStep({ place: `docker-credential-${helper}`, result, found: found !== undefined });
  return found;
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
