import { type Diagnostic, TenonError, printable, redactUrls } from "@tenon/core";

/** Every code that an error of this package can carry. */
export type OciErrorCode =
  | "OCI_REFERENCE_INVALID"
  | "OCI_UNAUTHORIZED"
  | "OCI_DENIED"
  | "OCI_CREDENTIALS_INVALID"
  | "OCI_UNREACHABLE"
  | "OCI_RATE_LIMITED"
  | "OCI_SERVER_FAILED"
  | "OCI_REQUEST_REJECTED"
  | "OCI_PROTOCOL_VIOLATED"
  | "OCI_NAME_UNKNOWN"
  | "OCI_MANIFEST_UNKNOWN"
  | "OCI_MANIFEST_INVALID"
  | "OCI_BLOB_UNKNOWN"
  | "OCI_UPLOAD_UNKNOWN"
  | "OCI_DIGEST_MISMATCH"
  | "OCI_SIZE_MISMATCH"
  | "OCI_TOO_LARGE"
  | "OCI_RANGE_INVALID"
  /** The certificate or the private key of a server cannot be used. */
  | "OCI_CERTIFICATE_INVALID"
  | "OCI_UNSUPPORTED"
  | "OCI_UNSUPPORTED_MEDIA_TYPE"
  | "OCI_LAYER_MISSING"
  /** A platform is not written as os/architecture. */
  | "OCI_PLATFORM_INVALID"
  /** An index has manifests for platforms, and for none of those that were asked for. */
  | "OCI_PLATFORM_MISSING"
  | "OCI_LAYOUT_INVALID"
  /** Something is already at the place where an artifact would be written. */
  | "OCI_OUTPUT_EXISTS"
  /** The system, or another process that is at it, does not let something be written. */
  | "OCI_OUTPUT_UNWRITABLE"
  | "OCI_ARCHIVE_INVALID"
  | "OCI_ARCHIVE_UNSAFE"
  | "OCI_IGNORE_INVALID"
  | "OCI_ANNOTATION_INVALID"
  | "OCI_SOURCE_INVALID"
  /** What is given as a key is none, or none that signs or verifies; or an identity token is none. */
  | "OCI_KEY_INVALID"
  /** The password of a private key is missing or wrong. */
  | "OCI_KEY_LOCKED"
  /** A service that takes part in signing with a certificate refuses, or answers something else. */
  | "OCI_SIGNING_FAILED"
  /** What is given as a sigstore trusted root is none. */
  | "OCI_TRUSTED_ROOT_INVALID"
  /** A `registries.conf` cannot be read, or makes no name of a name. */
  | "OCI_REGISTRIES_CONF_INVALID"
  /** A `registries.conf` forbids the registry. */
  | "OCI_REGISTRY_BLOCKED";

/** What an {@link OciError} carries beside its message. */
export interface OciErrorOptions {
  readonly hint?: string | undefined;
  /** Where the failure is in a user's files. */
  readonly diagnostics?: readonly Diagnostic[] | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** A failure of a registry, a layout, an archive or credentials. Credentials never stand in it. */
export class OciError extends TenonError<OciErrorCode> {
  constructor(code: OciErrorCode, message: string, options: OciErrorOptions = {}) {
    super(code, redactUrls(message), options);
  }
}

/** Makes text of a registry safe and short enough to stand in a message. */
export function foreignText(text: string, limit = 300): string {
  const clean = printable(redactUrls(text)).replace(/\s+/g, " ").trim();
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}
