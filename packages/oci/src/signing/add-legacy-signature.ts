import type { Digest } from "@tenon/core";

import { pushBlob } from "../artifact/push-artifact.ts";
import { bytesContent } from "../content/content.ts";
import { OciError } from "../errors.ts";
import { IMAGE_CONFIG, IMAGE_MANIFEST } from "../media-types.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import { readLegacyManifest, signatureTag } from "./legacy-signatures.ts";
import { MAX_SIGNATURES } from "./limits.ts";
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING_MEDIA_TYPE } from "./media-types.ts";

/** A payload of cosign's older format, and its signature. */
export interface SignedPayload {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Adds a signature to those that an artifact has in cosign's older format. Of two that are added at once one is
 * lost, as with cosign: there is one tag for all, and registries have no lock.
 *
 * @returns the digest of the manifest with all of them
 * @throws OciError `OCI_TOO_LARGE`, and as {@link Registry.pushManifest}
 */
export async function addLegacySignature(
  registry: Registry,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
  { payload, signature }: SignedPayload,
  options: CallOptions,
): Promise<Digest> {
  const found = await readLegacyManifest(registry, repository, digest, options);
  const known = found?.parsed.layers ?? [];
  if (known.length >= MAX_SIGNATURES) throw tooMany(repository, digest);
  const content = bytesContent(payload);
  const layers: Descriptor[] = [
    ...known,
    {
      mediaType: SIMPLE_SIGNING_MEDIA_TYPE,
      size: content.size,
      digest: content.digest,
      annotations: { [SIGNATURE_ANNOTATION]: Buffer.from(signature).toString("base64") },
    },
  ];
  const config = imageConfig(layers.map((layer) => layer.digest));
  for (const blob of [content, config]) await pushBlob(registry, repository, blob, options);
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: { mediaType: IMAGE_CONFIG, size: config.size, digest: config.digest },
    layers,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const pushed = await registry.pushManifest(
    repository,
    { mediaType: IMAGE_MANIFEST, bytes },
    { ...options, tags: [signatureTag(digest)] },
  );
  return pushed.digest;
}

/** Clients of images compare the layers of the config with those of the manifest. */
function imageConfig(diffIds: readonly Digest[]) {
  const config = {
    architecture: "",
    created: "0001-01-01T00:00:00Z",
    history: diffIds.map(() => ({ created: "0001-01-01T00:00:00Z" })),
    os: "",
    rootfs: { type: "layers", diff_ids: diffIds },
    config: {},
  };
  return bytesContent(Buffer.from(JSON.stringify(config)));
}

function tooMany(repository: string, digest: Digest): OciError {
  const message = `Cannot sign ${repository}@${digest}: it has ${MAX_SIGNATURES} signatures under one tag`;
  return new OciError("OCI_TOO_LARGE", message, {
    hint: `Delete the tag ${signatureTag(digest)}, or sign in the bundle format`,
  });
}
