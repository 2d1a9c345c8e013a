import { mkdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";

import { isMissing, writeFileAtomic } from "../content/node-file.ts";
import { OciError } from "../errors.ts";
import type { Credential } from "./credential.ts";

/** One registry's credential as Docker and containers tools write it. */
export interface AuthEntry {
  readonly auth?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identitytoken?: string | undefined;
  readonly registrytoken?: string | undefined;
}

/** A `config.json` or `auth.json`. Other keys are kept as they are. */
export interface AuthConfig {
  readonly auths?: Readonly<Record<string, AuthEntry>> | undefined;
  readonly credsStore?: string | undefined;
  readonly credHelpers?: Readonly<Record<string, string>> | undefined;
  readonly [key: string]: unknown;
}

/** The environment in which credentials are looked for. */
export interface AuthEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Home directory of the user. */
  readonly home: string;
}

/** The file that `login` writes and that is read first. */
export function dockerConfigPath({ env, home }: AuthEnvironment): string {
  return join(env["DOCKER_CONFIG"] || join(home, ".docker"), "config.json");
}

/** The files that may hold credentials, in the order in which they are read. */
export function authFiles(environment: AuthEnvironment): string[] {
  const { env, home } = environment;
  const files = [dockerConfigPath(environment)];
  if (env["REGISTRY_AUTH_FILE"]) files.push(env["REGISTRY_AUTH_FILE"]);
  if (env["XDG_RUNTIME_DIR"]) files.push(join(env["XDG_RUNTIME_DIR"], "containers", "auth.json"));
  files.push(join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "containers", "auth.json"));
  return files;
}

/**
 * Reads a file with credentials; nothing where there is none.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export async function readAuthConfig(path: string): Promise<AuthConfig | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    const message = `Cannot read credentials from ${path}: the file cannot be read`;
    throw new OciError("OCI_CREDENTIALS_INVALID", message, { cause: error });
  }
  if (text.trim() === "") return {};
  try {
    const config = JSON.parse(text) as unknown;
    if (typeof config === "object" && config !== null && !Array.isArray(config)) {
      return config as AuthConfig;
    }
  } catch {
    // The parser's message would quote the file, and with it credentials.
  }
  throw new OciError("OCI_CREDENTIALS_INVALID", `Cannot read credentials from ${path}: not JSON`, {
    hint: "Repair the file, or remove it and log in again",
  });
}

/** Writes a file with credentials, readable by its owner only. A link is followed. */
export async function writeAuthConfig(path: string, config: AuthConfig): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await realpath(path).catch((error: unknown) => {
    if (isMissing(error)) return path;
    throw error;
  });
  await writeFileAtomic(target, `${JSON.stringify(config, undefined, "\t")}\n`, { mode: 0o600 });
}

/** The credential of an entry, or nothing if it holds none. */
export function readAuthEntry(entry: AuthEntry | undefined): Credential | undefined {
  if (entry === undefined || entry === null) return undefined;
  if (entry.identitytoken) return { kind: "identity", token: entry.identitytoken };
  if (entry.registrytoken) return { kind: "bearer", token: entry.registrytoken };
  const decoded = entry.auth ? Buffer.from(entry.auth, "base64").toString("utf8") : "";
  const colon = decoded.indexOf(":");
  const username = colon > 0 ? decoded.slice(0, colon) : entry.username;
  // Docker pads passwords with zero bytes.
  const password = colon > 0 ? decoded.slice(colon + 1).replace(/\0+$/, "") : entry.password;
  if (!username || password === undefined) return undefined;
  return { kind: "basic", username, password };
}
