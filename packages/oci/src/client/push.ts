import { parseDigest, sha256 } from "@tenon/core";

import { createContentSource } from "../content/content-source.ts";
import { tooLarge } from "../content/web-stream.ts";
import { parseRepository, parseTag } from "../reference.ts";
import { MAX_MANIFEST_BYTES, type Registry } from "../registry.ts";
import { describe, pushAccess } from "./names.ts";
import { addReferrer } from "./referrers.ts";
import type { Session } from "./session.ts";
import { discard } from "./transport.ts";
import { uploadBlob } from "./upload-blob.ts";
import { cancelUpload } from "./upload.ts";

type Pusher = Pick<Registry, "pushManifest" | "pushBlob" | "mountBlob">;

/** The writing half of a client. */
export function createPusher(session: Session, reader: Pick<Registry, "readManifest">): Pusher {
  return {
    async pushManifest(repository, manifest, options = {}) {
      const digest = options.digest ?? sha256(manifest.bytes);
      const descriptor = { mediaType: manifest.mediaType, digest, size: manifest.bytes.byteLength };
      if (descriptor.size > MAX_MANIFEST_BYTES) throw tooLarge("manifest", MAX_MANIFEST_BYTES);
      const tags = (options.tags ?? []).map(parseTag);
      let indexed = true;
      // Under a tag alone a registry keeps it by the digest of its choice.
      const byDigest = tags.length === 0 || options.digest !== undefined;
      for (const reference of byDigest ? [digest, ...tags] : tags) {
        indexed = await putManifest(session, repository, reference, manifest, options.signal);
      }
      if (!indexed)
        await addReferrer(session, reader, repository, { ...manifest, descriptor }, options);
      return descriptor;
    },
    async pushBlob(repository, blob, open, options = {}) {
      const digest = parseDigest(blob.digest);
      const what = `blob ${describe(session.host, repository, digest)}`;
      const { openFrom, signal } = options;
      const expected = { digest, size: blob.size, what };
      await uploadBlob(session, {
        ...expected,
        repository: parseRepository(repository),
        source: createContentSource({ open, openFrom }, expected),
        signal,
      });
    },
    async mountBlob(repository, digest, from, options = {}) {
      const target = `/v2/${parseRepository(repository)}/blobs/uploads/`;
      const query = `?mount=${parseDigest(digest)}&from=${encodeURIComponent(parseRepository(from))}`;
      const response = await session.send({
        action: `mount blob into ${describe(session.host, repository)}`,
        method: "POST",
        target: target + query,
        access: pushAccess(repository, from),
        expect: [201, 202],
        signal: options.signal,
      });
      await discard(response);
      const location = response.header("location");
      if (response.status === 201) return true;
      if (location !== undefined) {
        await cancelUpload(session, repository, session.follow(response, location));
      }
      return false;
    },
  };
}

/** False when the manifest refers to another one and the registry keeps no list of such. */
async function putManifest(
  session: Session,
  repository: string,
  reference: string,
  manifest: { readonly mediaType: string; readonly bytes: Uint8Array },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const response = await session.send({
    action: `push manifest to ${describe(session.host, repository, reference)}`,
    method: "PUT",
    target: `/v2/${parseRepository(repository)}/manifests/${reference}`,
    headers: { "content-type": manifest.mediaType },
    body: manifest.bytes,
    access: pushAccess(repository),
    expect: [200, 201, 202],
    // docker-registry says so while another client pushes one of the same blobs.
    passing: "OCI_DIGEST_MISMATCH",
    signal,
  });
  await discard(response);
  return response.header("oci-subject") !== undefined;
}
