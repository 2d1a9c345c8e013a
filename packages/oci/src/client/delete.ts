import { type Digest, parseDigest } from "@tenon/core";

import type { OciErrorCode } from "../errors.ts";
import { parseRepository, parseTag } from "../reference.ts";
import type { CallOptions, Registry } from "../registry.ts";
import { deleteAccess, describe } from "./names.ts";
import type { Session } from "./session.ts";
import { discard } from "./transport.ts";

/** The deleting half of a client. */
export function createDeleter(
  session: Session,
): Pick<Registry, "deleteManifest" | "deleteTag" | "deleteBlob"> {
  const remove = async (
    repository: string,
    kind: "manifests" | "blobs",
    reference: string,
    missing: OciErrorCode,
    options: CallOptions = {},
  ) => {
    const response = await session.send({
      action: `delete ${describe(session.host, repository, reference)}`,
      method: "DELETE",
      target: `/v2/${parseRepository(repository)}/${kind}/${reference}`,
      access: deleteAccess(repository),
      expect: [200, 202, 204],
      missing,
      signal: options.signal,
    });
    await discard(response);
  };
  return {
    deleteManifest: (repository, digest: Digest, options) =>
      remove(repository, "manifests", parseDigest(digest), "OCI_MANIFEST_UNKNOWN", options),
    deleteTag: (repository, tag, options) =>
      remove(repository, "manifests", parseTag(tag), "OCI_MANIFEST_UNKNOWN", options),
    deleteBlob: (repository, digest: Digest, options) =>
      remove(repository, "blobs", parseDigest(digest), "OCI_BLOB_UNKNOWN", options),
  };
}
