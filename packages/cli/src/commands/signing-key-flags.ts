import type { KeyObject } from "node:crypto";

import { askPassword } from "../ask-password.ts";
import type { CommandContext } from "../context.ts";
import { usageError } from "../errors.ts";

/** Flags of `push` that sign; they are Timoni's. */
export const signFlags = {
  sign: { type: "string", value: "format", choices: ["cosign"], summary: "Sign what is pushed" },
  "cosign-key": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Private key to sign with, or env://NAME for a variable that holds it",
  },
} as const;

/**
 * Reads the key that {@link signFlags} say to sign with; nothing where nothing is to be signed.
 *
 * @throws CliError `CLI_USAGE`
 * @throws DeployError, OciError as `readSigningKey`
 */
export async function pushKey(
  flags: { readonly sign: string | undefined; readonly "cosign-key": string | undefined },
  command: string,
  context: CommandContext,
): Promise<KeyObject | undefined> {
  const source = flags["cosign-key"];
  if (flags.sign === undefined) {
    if (source === undefined) return undefined;
    throw usageError(command, "--cosign-key needs --sign");
  }
  if (source === undefined) {
    throw usageError(
      command,
      "--cosign-key is missing",
      "To sign without a key, push and then sign with `artifact sign --identity-token`.",
    );
  }
  return signingKey(source, command, context);
}

/**
 * Reads a private key, asking for its password where it has one.
 *
 * @throws DeployError, OciError as `readSigningKey`
 */
export async function signingKey(
  source: string,
  command: string,
  context: CommandContext,
): Promise<KeyObject> {
  const { readSigningKey } = await import("@tenon/deploy");
  return readSigningKey(context.io, source, () => askPassword(context, { command }));
}
