import { readFile } from "node:fs/promises";
import path from "node:path";

import { type Credential, OciError } from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { environmentOf } from "../source/environment-of.ts";

/** What `cue login` keeps: https://cuelang.org/docs/reference/command/cue-help-login/ */
interface Logins {
  readonly registries?: Readonly<Record<string, { readonly access_token?: string } | undefined>>;
}

/**
 * The token that `cue login` has for a registry; nothing where it has none. It is not renewed.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export async function cueLogin(
  { env }: Pick<DeployContext, "env">,
  host: string,
): Promise<Credential | undefined> {
  const file = path.join(configFolder(env), "logins.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  let logins: Logins | null;
  try {
    logins = JSON.parse(text) as Logins | null;
  } catch {
    // The parser's message would quote the file, and with it tokens.
    throw new OciError(
      "OCI_CREDENTIALS_INVALID",
      `Cannot read credentials from ${file}: it is not JSON`,
      { hint: `Log in again with \`cue login ${host}\`` },
    );
  }
  const token = logins?.registries?.[host]?.access_token;
  return typeof token === "string" && token !== "" ? { kind: "bearer", token } : undefined;
}

function configFolder(env: DeployContext["env"]): string {
  if (env["CUE_CONFIG_DIR"]) return env["CUE_CONFIG_DIR"];
  const home = environmentOf({ env }).home;
  if (process.platform === "win32") return path.join(env["AppData"] ?? home, "cue");
  if (process.platform === "darwin")
    return path.join(home, "Library", "Application Support", "cue");
  return path.join(env["XDG_CONFIG_HOME"] || path.join(home, ".config"), "cue");
}
