import type { KeyObject } from "node:crypto";

import { hasCode } from "@tenon/core";
import { type AskPassword, OciError, readPrivateKey, readPublicKey } from "@tenon/oci";

import { DeployError } from "../errors.ts";
import type { RegistryContext } from "../source/open-registry.ts";
import { readUserFile } from "../source/read-user-file.ts";

const environmentScheme = "env://";

/**
 * Reads a private key from a file, or from a variable of the environment that `env://NAME` names.
 *
 * @throws DeployError `DEPLOY_KEY_UNREADABLE`
 * @throws OciError `OCI_KEY_INVALID`, `OCI_KEY_LOCKED`
 */
export async function readSigningKey(
  context: Pick<RegistryContext, "env">,
  source: string,
  askPassword: AskPassword,
): Promise<KeyObject> {
  const text = await readSecret(context, "key", source);
  return readPrivateKey(text, askPassword).catch((error: unknown) => rethrow(error, source));
}

/**
 * Reads a public key as {@link readSigningKey} reads a private one.
 *
 * @throws DeployError `DEPLOY_KEY_UNREADABLE`
 * @throws OciError `OCI_KEY_INVALID`
 */
export async function readVerifyingKey(
  context: Pick<RegistryContext, "env">,
  source: string,
): Promise<KeyObject> {
  const text = await readSecret(context, "key", source);
  try {
    return readPublicKey(text);
  } catch (error) {
    return rethrow(error, source);
  }
}

/**
 * Reads an identity token as {@link readSigningKey} reads a key.
 *
 * @throws DeployError `DEPLOY_KEY_UNREADABLE`
 */
export async function readIdentityToken(
  context: Pick<RegistryContext, "env">,
  source: string,
): Promise<string> {
  return (await readSecret(context, "identity token", source)).trim();
}

async function readSecret(
  { env }: Pick<RegistryContext, "env">,
  what: string,
  source: string,
): Promise<string> {
  const name = `${what} ${source}`;
  if (source.startsWith(environmentScheme)) {
    const text = env[source.slice(environmentScheme.length)];
    if (text) return text;
    throw unreadable(name, "the variable is not set");
  }
  if (/^[a-z][a-z0-9]*:\/\//.test(source)) {
    throw unreadable(name, "it is read from a file or the environment only");
  }
  const bytes = await readUserFile(source, (reason, cause) => unreadable(name, reason, cause));
  return Buffer.from(bytes).toString("utf8");
}

function unreadable(name: string, reason: string, cause?: unknown): DeployError {
  return new DeployError("DEPLOY_KEY_UNREADABLE", `Cannot read ${name}: ${reason}`, {
    hint: `Give a file, or ${environmentScheme}NAME for a variable of the environment`,
    cause,
  });
}

/** What is wrong with a key says which one. */
function rethrow(error: unknown, source: string): never {
  if (!hasCode(error, "OCI_KEY_INVALID", "OCI_KEY_LOCKED")) throw error;
  const { code, message, hint } = error;
  throw new OciError(code, message.replace(": ", ` ${source}: `), { hint, cause: error });
}
