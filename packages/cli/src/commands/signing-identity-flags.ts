import type { SigningIdentity, SigningKey } from "@tenon/deploy";
import type { SignatureFormat } from "@tenon/oci";

import type { CommandContext } from "../context.ts";
import { usageError } from "../errors.ts";
import { signingKey } from "./signing-key-flags.ts";

/** Flags that sign with an identity in place of a key. */
export const identityFlags = {
  "identity-token": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Token that says who signs, or env://NAME for a variable that holds it",
  },
  "fulcio-url": {
    type: "string",
    value: "url",
    summary: "Authority that certifies the identity, such as https://fulcio.sigstore.dev",
  },
  "rekor-url": {
    type: "string",
    value: "url",
    summary: "Transparency log of the signature, such as https://rekor.sigstore.dev",
  },
} as const;

/** What a command line says of how to sign. */
export interface SigningFlags {
  readonly key: string | undefined;
  readonly format: SignatureFormat;
  readonly "identity-token": string | undefined;
  readonly "fulcio-url": string | undefined;
  readonly "rekor-url": string | undefined;
}

/**
 * Reads with what to sign: a key, or an identity.
 *
 * @throws CliError `CLI_USAGE`
 * @throws DeployError, OciError as `readSigningKey`
 */
export async function signingMeans(
  flags: SigningFlags,
  command: string,
  context: CommandContext,
): Promise<SigningKey | SigningIdentity> {
  const { key: source, format } = flags;
  const names = ["identity-token", "fulcio-url", "rekor-url"] as const;
  const given = names.find((name) => flags[name] !== undefined);
  if (source !== undefined) {
    if (given !== undefined) throw usageError(command, `Give either --key or --${given}`);
    return { kind: "key", key: await signingKey(source, command, context), format };
  }
  const token = flags["identity-token"];
  if (token === undefined) throw usageError(command, "--key is missing");
  if (format === "legacy") throw usageError(command, "--format legacy needs --key");
  const [fulcioUrl, rekorUrl] = (["fulcio-url", "rekor-url"] as const).map((name) =>
    serviceUrl(name, flags[name], command),
  ) as [string, string];
  const { readIdentityToken } = await import("@tenon/deploy");
  const identityToken = await readIdentityToken(context.io, token);
  return { kind: "identity", identityToken, fulcioUrl, rekorUrl };
}

/** The token goes there: in the clear to this machine alone. */
function serviceUrl(name: string, text: string | undefined, command: string): string {
  if (text === undefined) throw usageError(command, `--${name} is missing`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url?.hostname ?? "");
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLocal)) return url.href;
  throw usageError(
    command,
    `--${name} cannot be ${JSON.stringify(text)}: expected an https:// URL`,
  );
}
