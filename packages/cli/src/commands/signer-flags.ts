import type { SignerRequest } from "@tenon/deploy";

import type { CommandContext } from "../context.ts";
import { usageError } from "../errors.ts";

/** Flags that say which certificates are trusted. */
export const certificateFlags = {
  "certificate-identity": {
    type: "string",
    value: "name",
    summary: "Subject of the signer's certificate, such as a mail address or the URL of a workflow",
  },
  "certificate-identity-regexp": {
    type: "string",
    value: "pattern",
    summary: "The same as a regular expression that matches all of it",
  },
  "certificate-oidc-issuer": {
    type: "string",
    value: "url",
    summary: "Who vouched for the signer, such as https://token.actions.githubusercontent.com",
  },
  "certificate-oidc-issuer-regexp": {
    type: "string",
    value: "pattern",
    summary: "The same as a regular expression that matches all of it",
  },
  "trusted-root": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Sigstore trusted root, for certificates; TENON_TRUSTED_ROOT unless given",
  },
} as const;

/** Flags of `pull` that demand a signature, beside {@link certificateFlags}; they are Timoni's. */
export const verifyFlags = {
  verify: {
    type: "string",
    value: "format",
    choices: ["cosign"],
    summary: "Refuse what is not signed as the next flags say",
  },
  "cosign-key": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Public key of the signer, or env://NAME for a variable that holds it",
  },
} as const;

type CertificateValues = Partial<Record<keyof typeof certificateFlags, string | undefined>>;

/** Where a request for a signature was made. */
export interface SignerSource {
  readonly command: string;
  /** Name of the flag with the key. */
  readonly keyFlag: "key" | "cosign-key";
}

/**
 * Reads who must have signed an artifact from {@link certificateFlags} and a key.
 *
 * @throws CliError `CLI_USAGE`
 */
export function signerRequest(
  flags: CertificateValues,
  key: string | undefined,
  { command, keyFlag }: SignerSource,
  { io }: Pick<CommandContext, "io">,
): SignerRequest {
  const given = Object.keys(certificateFlags).filter(
    (name) => flags[name as keyof CertificateValues] !== undefined,
  );
  if (key !== undefined) {
    if (given.length === 0) return { kind: "key", key };
    throw usageError(command, `Give either --${keyFlag} or --${given[0]}`);
  }
  const identity = nameOrPattern(flags, "certificate-identity", command);
  const issuer = nameOrPattern(flags, "certificate-oidc-issuer", command);
  if (identity === undefined && issuer === undefined) {
    throw usageError(command, `--${keyFlag} is missing`, "Say who must have signed it.");
  }
  if (identity === undefined) throw usageError(command, "--certificate-identity is missing");
  if (issuer === undefined) throw usageError(command, "--certificate-oidc-issuer is missing");
  const trustedRoot = flags["trusted-root"] ?? io.env["TENON_TRUSTED_ROOT"];
  if (!trustedRoot) {
    throw usageError(
      command,
      "--trusted-root is missing",
      "Nothing is fetched: give the trusted_root.json of the certificates' authority.",
    );
  }
  return { kind: "identity", identity, issuer, trustedRoot };
}

/**
 * Reads who must have signed what is pulled from {@link verifyFlags} and {@link certificateFlags}; nothing where nobody must.
 *
 * @throws CliError `CLI_USAGE`
 */
export function pullSigner(
  flags: CertificateValues & {
    readonly verify: string | undefined;
    readonly "cosign-key": string | undefined;
  },
  command: string,
  context: Pick<CommandContext, "io">,
): SignerRequest | undefined {
  const key = flags["cosign-key"];
  if (flags.verify !== undefined) {
    return signerRequest(flags, key, { command, keyFlag: "cosign-key" }, context);
  }
  const names = ["cosign-key", ...Object.keys(certificateFlags)] as const;
  const stray = names.find((name) => flags[name as keyof typeof flags] !== undefined);
  if (stray !== undefined) throw usageError(command, `--${stray} needs --verify`);
  return undefined;
}

function nameOrPattern(
  flags: CertificateValues,
  name: "certificate-identity" | "certificate-oidc-issuer",
  command: string,
): string | RegExp | undefined {
  const exact = flags[name];
  const pattern = flags[`${name}-regexp`];
  if (exact !== undefined && pattern !== undefined) {
    throw usageError(command, `Give either --${name} or --${name}-regexp`);
  }
  if (pattern === undefined) return exact;
  try {
    return new RegExp(pattern);
  } catch {
    throw usageError(command, `--${name}-regexp is not a regular expression: ${pattern}`);
  }
}
