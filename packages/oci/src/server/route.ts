import { isDigest } from "@tenon/core";

import { OciError } from "../errors.ts";
import { isTag, parseRepository } from "../reference.ts";

/** What a request is about. Names in it have been checked. */
export type Route =
  | { readonly kind: "ping" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly repository: string }
  | { readonly kind: "manifest"; readonly repository: string; readonly reference: string }
  | { readonly kind: "blob"; readonly repository: string; readonly digest: string }
  | { readonly kind: "uploads"; readonly repository: string }
  | { readonly kind: "upload"; readonly repository: string; readonly id: string }
  | { readonly kind: "referrers"; readonly repository: string; readonly digest: string };

/** The route of a path, or nothing for a path that the specification does not have. */
export function parseRoute(path: string): Route | undefined {
  if (path === "/v2" || path === "/v2/") return { kind: "ping" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  const decoded = decode(path);
  const match =
    /^\/v2\/(.+?)\/(?:(tags)\/list|(manifests)\/([^/]+)|blobs\/(uploads)\/?|blobs\/uploads\/([^/]+)|(blobs)\/([^/]+)|(referrers)\/([^/]+))$/.exec(
      decoded,
    );
  if (match === null) return undefined;
  const repository = parseRepository(match[1]!);
  if (match[2] !== undefined) return { kind: "tags", repository };
  if (match[3] !== undefined)
    return { kind: "manifest", repository, reference: readReference(match[4]!) };
  if (match[5] !== undefined) return { kind: "uploads", repository };
  if (match[6] !== undefined) return { kind: "upload", repository, id: match[6] };
  if (match[7] !== undefined) return { kind: "blob", repository, digest: readDigest(match[8]!) };
  return { kind: "referrers", repository, digest: readDigest(match[10]!) };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new OciError("OCI_REFERENCE_INVALID", "Cannot read path: it is badly encoded", { cause });
  }
}

function readReference(text: string): string {
  if (isTag(text) || isDigest(text)) return text;
  throw new OciError("OCI_MANIFEST_INVALID", "Cannot read manifest: invalid tag or digest", {
    details: { wireCode: text.includes(":") ? "DIGEST_INVALID" : "MANIFEST_INVALID" },
  });
}

/**
 * Checks the text of a digest in a request.
 *
 * @throws OciError `OCI_DIGEST_MISMATCH`
 */
export function readDigest(text: string): string {
  if (isDigest(text)) return text;
  throw new OciError(
    "OCI_DIGEST_MISMATCH",
    "Cannot use digest: it is not sha256: and 64 hex digits",
  );
}
