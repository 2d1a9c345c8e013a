import { gzipSync } from "node:zlib";

import {
  type Descriptor,
  IMAGE_INDEX,
  IMAGE_LAYER,
  IMAGE_MANIFEST,
  type Platform,
  type Registry,
  bytesContent,
} from "@tenon/oci";

/** What a hand-made image is. */
export interface TestImage {
  /** Bytes of its one layer; other bytes make another image. */
  readonly content: string | Uint8Array;
  readonly tags?: readonly string[];
  readonly platform?: Platform;
}

const linux: Platform = { os: "linux", architecture: "amd64" };

/** Pushes an image with one layer, by the protocol that all images have. */
export async function pushImage(
  registry: Registry,
  repository: string,
  { content, tags, platform = linux }: TestImage,
): Promise<Descriptor> {
  const layer = bytesContent(gzipSync(content));
  const config = bytesContent(Buffer.from(JSON.stringify({ ...platform, config: {} })));
  for (const blob of [config, layer]) await registry.pushBlob(repository, blob, blob.open);
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: config.digest,
      size: config.size,
    },
    layers: [{ mediaType: IMAGE_LAYER, digest: layer.digest, size: layer.size }],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const pushed = { mediaType: IMAGE_MANIFEST, bytes };
  return { ...(await registry.pushManifest(repository, pushed, { tags })), platform };
}

/** Pushes an image for several platforms under a tag. */
export async function pushIndex(
  registry: Registry,
  repository: string,
  { content, tags, platforms }: TestImage & { readonly platforms: readonly Platform[] },
): Promise<Descriptor> {
  const manifests: Descriptor[] = [];
  for (const platform of platforms) {
    const own = `${String(content)} ${platform.architecture}`;
    manifests.push(await pushImage(registry, repository, { content: own, platform }));
  }
  const index = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests };
  const bytes = Buffer.from(JSON.stringify(index));
  return registry.pushManifest(repository, { mediaType: IMAGE_INDEX, bytes }, { tags });
}
