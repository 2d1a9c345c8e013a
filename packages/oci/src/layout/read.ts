import { readFile } from "node:fs/promises";

import { isDigest, parseDigest } from "@tenon/core";

import { computeDigest } from "../content/compute-digest.ts";
import { fileChunks, fileSize, isMissing } from "../content/node-file.ts";
import { blobRange } from "../content/range.ts";
import { checkDigest, sizeMismatch, verified } from "../content/verify.ts";
import { toWebStream, tooLarge } from "../content/web-stream.ts";
import { parseManifest } from "../manifest.ts";
import { IMAGE_INDEX, IMAGE_MANIFEST } from "../media-types.ts";
import { unknownBlob, unknownManifest } from "../missing.ts";
import { parseTagOrDigest } from "../reference.ts";
import { type Descriptor, MAX_MANIFEST_BYTES, type Manifest, type Registry } from "../registry.ts";
import { readIndex, refName } from "./layout-index.ts";
import { type LayoutStore, blobPath, layoutOf } from "./paths.ts";

/** The reading half of a layout. */
export function createReader(
  store: LayoutStore,
): Pick<Registry, "resolveManifest" | "readManifest" | "statBlob" | "readBlob"> {
  return {
    async resolveManifest(repository, reference) {
      return (await findManifest(store, repository, reference)).descriptor;
    },
    readManifest: (repository, reference) => findManifest(store, repository, reference),
    statBlob: (repository, digest) => fileSize(blobPath(layoutOf(store, repository), digest)),
    async readBlob(repository, blob, options = {}) {
      options.signal?.throwIfAborted();
      const layout = layoutOf(store, repository);
      const digest = parseDigest(blob.digest);
      const path = blobPath(layout, digest);
      const size = await fileSize(path);
      if (size === undefined) {
        await readIndex(layout, repository);
        throw unknownBlob(repository, digest);
      }
      const what = `blob ${repository}@${digest}`;
      if (blob.size !== undefined && blob.size !== size) {
        throw sizeMismatch({ size: blob.size, what }, String(size));
      }
      const { start, end, whole } = blobRange(size, options);
      const chunks = fileChunks(path, { start, end });
      return {
        size,
        stream: toWebStream(
          whole && options.verify !== false ? verified(chunks, { digest, size, what }) : chunks,
        ),
      };
    },
  };
}

/** The manifest that a tag or a digest points to; its content is checked. */
async function findManifest(
  store: LayoutStore,
  repository: string,
  reference: string,
): Promise<Manifest> {
  const layout = layoutOf(store, repository);
  const wanted = parseTagOrDigest(reference);
  const { manifests } = await readIndex(layout, repository);
  const byDigest = isDigest(wanted);
  const entry = manifests.find((item) => (byDigest ? item.digest : refName(item)) === wanted);
  if (entry === undefined && !byDigest) throw unknownManifest(repository, reference);
  const digest = parseDigest(entry?.digest ?? wanted);
  const bytes = await readManifestFile(blobPath(layout, digest));
  const mediaType = bytes && (entry?.mediaType ?? manifestTypeOf(bytes));
  if (bytes === undefined || mediaType === undefined) throw unknownManifest(repository, reference);
  checkDigest(computeDigest(bytes, digest), digest, `manifest ${repository}@${digest}`);
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
}

/** The bytes of a manifest, or nothing where there is no file. */
export async function readManifestFile(path: string): Promise<Buffer | undefined> {
  const size = await fileSize(path);
  if (size === undefined) return undefined;
  if (size > MAX_MANIFEST_BYTES) throw tooLarge(`manifest ${path}`, MAX_MANIFEST_BYTES);
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The media type of a manifest that only another manifest points to; nothing for other blobs. */
function manifestTypeOf(bytes: Buffer): Descriptor["mediaType"] | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    const { mediaType, config, manifests } = parseManifest(bytes);
    if (mediaType?.endsWith("+json")) return mediaType;
    if (config !== undefined) return IMAGE_MANIFEST;
    return manifests.length > 0 ? IMAGE_INDEX : undefined;
  } catch {
    // It is a blob that happens to begin like JSON.
    return undefined;
  }
}
