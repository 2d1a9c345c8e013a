import { type RegistryClientOptions, createRegistryClient } from "../client/client.ts";
import { isDockerHub, parseHost } from "../reference.ts";
import type { CallOptions } from "../registry.ts";
import { eraseFromHelper, storeWithHelper } from "./credential-helper.ts";
import { fixedCredential } from "./credential-store.ts";
import type { Credential } from "./credential.ts";
import {
  type AuthConfig,
  type AuthEntry,
  type AuthEnvironment,
  authFiles,
  dockerConfigPath,
  readAuthConfig,
  writeAuthConfig,
} from "./docker-config.ts";
import { DOCKER_HUB_KEY } from "./lookup-keys.ts";

/** Options of {@link login}. */
export interface LoginOptions extends CallOptions, AuthEnvironment {
  readonly host: string;
  /** A user with a password, or an identity token. */
  readonly credential: Exclude<Credential, { kind: "bearer" }>;
  /** How the registry is reached to try the credential. */
  readonly client?: Omit<RegistryClientOptions, "host" | "credentials"> | undefined;
}

/** Where {@link login} has kept a credential, or {@link logout} has removed it. */
export interface LoginResult {
  readonly host: string;
  /** Path of the config file, also when a helper keeps the credential. */
  readonly file: string;
  /** Name of the helper, if one keeps it. */
  readonly helper?: string | undefined;
}

/**
 * Tries a credential with the registry, and keeps it if it is good: with the helper that a file of Docker
 * or the containers tools names for the registry, else as text in Docker's file.
 *
 * @throws OciError `OCI_UNAUTHORIZED`, `OCI_UNREACHABLE`, `OCI_CREDENTIALS_INVALID`
 */
export async function login(options: LoginOptions): Promise<LoginResult> {
  const { env, credential, signal } = options;
  const host = parseHost(options.host);
  const credentials = fixedCredential(host, credential);
  const client = createRegistryClient({ env, ...options.client, host, credentials });
  try {
    await client.ping({ signal });
  } finally {
    await client.close();
  }
  const key = keyOf(host);
  const { file, config, helper } = await keeperOf(options, key);
  const put = (entry: AuthEntry): Promise<void> =>
    writeAuthConfig(file, { ...config, auths: { ...config.auths, [key]: entry } });
  if (helper === undefined) {
    await put(entryOf(credential));
    return { host, file };
  }
  await storeWithHelper(helper, key, secretOf(credential), { env, signal });
  await put({});
  // What was kept as text before would win over the helper.
  if (file !== dockerConfigPath(options)) await forget(dockerConfigPath(options), key);
  return { host, file, helper };
}

/**
 * Removes the credential of a registry. That there is none is no failure.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export async function logout(
  options: Pick<LoginOptions, "host" | "env" | "home" | "signal">,
): Promise<LoginResult> {
  const { env, signal } = options;
  const host = parseHost(options.host);
  const key = keyOf(host);
  const { file, helper } = await keeperOf(options, key);
  if (helper !== undefined) await eraseFromHelper(helper, key, { env, signal });
  for (const place of new Set([file, dockerConfigPath(options)])) await forget(place, key);
  return { host, file, ...(helper !== undefined && { helper }) };
}

interface Keeper {
  readonly file: string;
  readonly config: AuthConfig;
  readonly helper?: string | undefined;
}

/** Who keeps the credential of a registry: the first helper that a file names, else Docker's file. */
async function keeperOf(environment: AuthEnvironment, key: string): Promise<Keeper> {
  for (const file of authFiles(environment)) {
    const config = await readAuthConfig(file);
    const helper = config?.credHelpers?.[key] || config?.credsStore;
    if (config !== undefined && helper) return { file, config, helper };
  }
  const file = dockerConfigPath(environment);
  return { file, config: (await readAuthConfig(file)) ?? {} };
}

function secretOf(credential: LoginOptions["credential"]): {
  readonly username: string;
  readonly password: string;
} {
  // The name by which helpers tell identity tokens.
  return credential.kind === "basic"
    ? credential
    : { username: "<token>", password: credential.token };
}

function entryOf(credential: LoginOptions["credential"]): AuthEntry {
  if (credential.kind === "identity") return { identitytoken: credential.token };
  const pair = `${credential.username}:${credential.password}`;
  return { auth: Buffer.from(pair).toString("base64") };
}

async function forget(file: string, key: string): Promise<void> {
  const config = await readAuthConfig(file);
  if (config?.auths?.[key] !== undefined) await writeAuthConfig(file, withoutKey(config, key));
}

function withoutKey(config: AuthConfig, key: string): AuthConfig {
  const { [key]: _, ...auths } = config.auths ?? {};
  return { ...config, auths };
}

function keyOf(host: string): string {
  return isDockerHub(host) ? DOCKER_HUB_KEY : host;
}
