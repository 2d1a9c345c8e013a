import { type RegistryClientOptions, createRegistryClient } from "../client/client.ts";
import { parseHost } from "../reference.ts";
import type { CallOptions } from "../registry.ts";
import { eraseFromHelper, storeWithHelper } from "./credential-helper.ts";
import { fixedCredential } from "./credential-store.ts";
import {
  type AuthConfig,
  type AuthEnvironment,
  dockerConfigPath,
  readAuthConfig,
  writeAuthConfig,
} from "./docker-config.ts";
import { DOCKER_HUB_KEY, isDockerHub } from "./lookup-keys.ts";

/** Options of {@link login}. */
export interface LoginOptions extends CallOptions, AuthEnvironment {
  readonly host: string;
  readonly username: string;
  readonly password: string;
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
 * Tries a credential with the registry, and keeps it if it is good.
 *
 * @throws OciError `OCI_UNAUTHORIZED`, `OCI_UNREACHABLE`, `OCI_CREDENTIALS_INVALID`
 */
export async function login(options: LoginOptions): Promise<LoginResult> {
  const { env, username, password, signal } = options;
  const host = parseHost(options.host);
  const credentials = fixedCredential(host, { kind: "basic", username, password });
  const client = createRegistryClient({ env, ...options.client, host, credentials });
  try {
    await client.ping({ signal });
  } finally {
    await client.close();
  }
  const file = dockerConfigPath(options);
  const config = (await readAuthConfig(file)) ?? {};
  const key = keyOf(host);
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  if (helper) {
    await storeWithHelper(helper, key, { username, password }, { env, signal });
    await writeAuthConfig(file, { ...config, auths: { ...config.auths, [key]: {} } });
    return { host, file, helper };
  }
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  await writeAuthConfig(file, { ...config, auths: { ...config.auths, [key]: { auth } } });
  return { host, file };
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
  const file = dockerConfigPath(options);
  const config = await readAuthConfig(file);
  if (config === undefined) return { host, file };
  const key = keyOf(host);
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  if (helper) await eraseFromHelper(helper, key, { env, signal });
  if (config.auths?.[key] !== undefined) await writeAuthConfig(file, withoutKey(config, key));
  return { host, file, ...(helper && { helper }) };
}

function withoutKey(config: AuthConfig, key: string): AuthConfig {
  const { [key]: _, ...auths } = config.auths ?? {};
  return { ...config, auths };
}

function keyOf(host: string): string {
  return isDockerHub(host) ? DOCKER_HUB_KEY : host;
}
