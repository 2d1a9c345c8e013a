import { OciError } from "../errors.ts";

/** What proves who asks. */
export type Credential =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** Sent to the registry as it is. */
  | { readonly kind: "bearer"; readonly token: string }
  /** Exchanged for an access token. */
  | { readonly kind: "identity"; readonly token: string };

/** Finds the credential for a repository of a registry; nothing means anonymous. */
export type CredentialSource = (
  target: { readonly host: string; readonly repository?: string | undefined },
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<Credential | undefined>;

/**
 * Reads the text of `--creds`: `user:password`, or a bearer token if there is no colon.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export function parseCredential(text: string): Credential {
  const colon = text.indexOf(":");
  if (text === "" || colon === 0) {
    throw new OciError("OCI_CREDENTIALS_INVALID", "Cannot read credentials: the user is missing", {
      hint: "Write USER:PASSWORD, or a bearer token without a colon",
    });
  }
  if (colon < 0) return { kind: "bearer", token: text };
  return { kind: "basic", username: text.slice(0, colon), password: text.slice(colon + 1) };
}
