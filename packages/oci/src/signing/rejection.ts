import { type OciErrorCode, OciError, foreignText } from "../errors.ts";

/** Thrown where a signature proves nothing; the message says why and begins with "it", "its" or "the". */
export class Rejection extends Error {
  constructor(reason: string, cause?: unknown) {
    super(foreignText(reason), { cause });
    this.name = "Rejection";
  }
}

/** Why a signature proves nothing; nothing where it was something else that failed. */
export function rejectionReason(error: unknown): string | undefined {
  if (error instanceof Rejection) return error.message;
  if (!(error instanceof OciError) || !contentCodes.includes(error.code)) return undefined;
  return error.message.replace(/^Cannot /, "cannot ");
}

/** What is wrong with content, whoever serves it. */
const contentCodes: readonly OciErrorCode[] = [
  "OCI_BLOB_UNKNOWN",
  "OCI_DIGEST_MISMATCH",
  "OCI_MANIFEST_INVALID",
  "OCI_MANIFEST_UNKNOWN",
  "OCI_SIZE_MISMATCH",
  "OCI_TOO_LARGE",
];
