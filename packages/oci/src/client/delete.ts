import { type Digest, hasCode, parseDigest } from "@tenon/core";

import { OciError, type OciErrorCode } from "../errors.ts";
import { parseManifest } from "../manifest.ts";
import { parseRepository, parseTag } from "../reference.ts";
import type { CallOptions, Registry } from "../registry.ts";
import { deleteAccess, describe } from "./names.ts";
import { removeReferrer } from "./referrers.ts";
import type { Session } from "./session.ts";
import { discard } from "./transport.ts";

/** The deleting half of a client. */
export function createDeleter(
  session: Session,
  reader: Pick<Registry, "readManifest">,
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
  const removeManifest = (repository: string, digest: Digest, options: CallOptions) =>
    remove(repository, "manifests", digest, "OCI_MANIFEST_UNKNOWN", options);
  return {
    async deleteManifest(repository, digest: Digest, options = {}) {
      const subject = await subjectOf(reader, repository, parseDigest(digest), options);
      await removeManifest(repository, digest, options);
      if (subject === undefined) return;
      const listed = await removeReferrer(
        session,
        reader,
        { repository, subject, digest },
        options,
      );
      if (listed !== undefined) await removeManifest(repository, listed, options);
    },
    async deleteTag(repository, tag, options) {
      try {
        await remove(repository, "manifests", parseTag(tag), "OCI_MANIFEST_UNKNOWN", options);
      } catch (error) {
        // A registry that deletes digests alone takes the tag for a wrong one.
        if (!hasCode(error, "OCI_DIGEST_MISMATCH")) throw error;
        const message = `Cannot delete ${describe(session.host, repository, tag)}: the registry does not delete tags`;
        throw new OciError("OCI_UNSUPPORTED", message, { cause: error });
      }
    },
    deleteBlob: (repository, digest: Digest, options) =>
      remove(repository, "blobs", parseDigest(digest), "OCI_BLOB_UNKNOWN", options),
  };
}

/** What a manifest refers to; nothing where it is damaged, which is a reason to delete it. */
async function subjectOf(
  reader: Pick<Registry, "readManifest">,
  repository: string,
  digest: Digest,
  options: CallOptions,
): Promise<Digest | undefined> {
  try {
    const { bytes } = await reader.readManifest(repository, digest, options);
    return parseManifest(bytes).subject?.digest;
  } catch (error) {
    if (hasCode(error, "OCI_DIGEST_MISMATCH", "OCI_MANIFEST_INVALID", "OCI_TOO_LARGE")) {
      return undefined;
    }
    throw error;
  }
}
