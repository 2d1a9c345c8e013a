import { OciError } from "../errors.ts";

/** A block of a PEM file. */
export interface Pem {
  /** Such as `PUBLIC KEY`. */
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Labels of cosign's encrypted private keys; the second is that of its first versions. */
export const cosignLabels: readonly string[] = [
  "ENCRYPTED SIGSTORE PRIVATE KEY",
  "ENCRYPTED COSIGN PRIVATE KEY",
];

const maxChars = 64 * 1024;
const block = /-----BEGIN ([A-Z0-9 ]+)-----\s([A-Za-z0-9+/=\s:,-]*?)-----END \1-----/g;

/**
 * Reads the key of a PEM file. What stands before and after it is left alone, and parameters of curves, which
 * `openssl ecparam` writes first.
 *
 * @throws OciError `OCI_KEY_INVALID`
 */
export function readPem(text: string): Pem {
  if (text.length > maxChars) throw invalid(`it has more than ${maxChars} characters`);
  for (const [, label = "", body = ""] of text.matchAll(block)) {
    if (label !== "EC PARAMETERS") return { label, bytes: Buffer.from(body, "base64") };
  }
  throw invalid("it is not a PEM file");
}

/** Writes a block as PEM, in lines of 64 characters. */
export function formatPem({ label, bytes }: Pem): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function invalid(why: string): OciError {
  return new OciError("OCI_KEY_INVALID", `Cannot read the key: ${why}`, {
    hint: "A key begins with a line such as -----BEGIN PUBLIC KEY-----",
  });
}
