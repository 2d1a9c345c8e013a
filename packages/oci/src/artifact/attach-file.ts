import { type Digest, sha256 } from "@tenon/core";

import { type Content, bytesContent } from "../content/content.ts";
import { EMPTY_JSON, IMAGE_MANIFEST } from "../media-types.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import type { Annotations } from "./annotations.ts";
import { TRANSFERS, pushBlob } from "./push-artifact.ts";
import { transferAll } from "./transfer-all.ts";

/** A file that says something about an artifact. */
export interface AttachedFile {
  /** What the file is to the artifact; lists of referrers are chosen by it. */
  readonly artifactType: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
  /** Annotations of the manifest; none unless given. */
  readonly annotations?: Annotations | undefined;
  /** Annotations of the file in it; none unless given. */
  readonly fileAnnotations?: Annotations | undefined;
}

const emptyConfig = bytesContent(Buffer.from("{}"));

/**
 * Attaches a file to an artifact, as a manifest that refers to it. The artifact stays as it is. The same
 * file twice is one.
 *
 * @returns the descriptor of the manifest
 * @throws OciError as {@link Registry.pushBlob} and {@link Registry.pushManifest}
 */
export async function attachFile(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  file: AttachedFile,
  options: CallOptions = {},
): Promise<Descriptor> {
  const attachment = compose(subject, file);
  await pushBlobs(registry, repository, [attachment], options);
  return pushManifest(registry, repository, attachment, options);
}

/**
 * Attaches files as {@link attachFile} does, but for those that are attached already: where all are, that takes one
 * request.
 *
 * @returns the digests of the manifests, in the order of the files
 * @throws OciError as {@link attachFile} and {@link Registry.listReferrers}
 */
export async function attachFiles(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  files: readonly AttachedFile[],
  options: CallOptions = {},
): Promise<Digest[]> {
  const attachments = files.map((file) => compose(subject, file));
  const missing = new Set(attachments.map(({ digest }) => digest));
  for await (const { digest } of registry.listReferrers(repository, subject.digest, options)) {
    missing.delete(digest);
    if (missing.size === 0) break;
  }
  const left = attachments.filter(({ digest }) => missing.has(digest));
  if (left.length > 0) await pushBlobs(registry, repository, left, options);
  // Where a registry has no API for referrers, each is an entry that is added to one list.
  for (const attachment of left) await pushManifest(registry, repository, attachment, options);
  return attachments.map(({ digest }) => digest);
}

interface Attachment {
  readonly manifest: Uint8Array;
  readonly digest: Digest;
  readonly layer: Content;
}

function compose(subject: Descriptor, file: AttachedFile): Attachment {
  const { artifactType, mediaType, annotations, fileAnnotations } = file;
  const layer = bytesContent(file.content);
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    artifactType,
    config: { mediaType: EMPTY_JSON, digest: emptyConfig.digest, size: emptyConfig.size },
    layers: [
      {
        mediaType,
        digest: layer.digest,
        size: layer.size,
        ...(fileAnnotations && { annotations: fileAnnotations }),
      },
    ],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    ...(annotations && { annotations }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { manifest: bytes, digest: sha256(bytes), layer };
}

async function pushBlobs(
  registry: Registry,
  repository: string,
  attachments: readonly Attachment[],
  { signal }: CallOptions,
): Promise<void> {
  const blobs = [emptyConfig, ...attachments.map(({ layer }) => layer)];
  const unique = new Map(blobs.map((blob) => [blob.digest, blob]));
  await transferAll(
    unique.values(),
    (blob, stop) => pushBlob(registry, repository, blob, { signal: stop }),
    { concurrency: TRANSFERS, signal },
  );
}

function pushManifest(
  registry: Registry,
  repository: string,
  { manifest: bytes }: Attachment,
  options: CallOptions,
): Promise<Descriptor> {
  return registry.pushManifest(repository, { mediaType: IMAGE_MANIFEST, bytes }, options);
}
