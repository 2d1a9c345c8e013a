import { bytesContent } from "../content/content.ts";
import { EMPTY_JSON, IMAGE_MANIFEST } from "../media-types.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import { pushBlob } from "./push-artifact.ts";

/** A file that says something about an artifact. */
export interface AttachedFile {
  /** What the file is to the artifact; lists of referrers are chosen by it. */
  readonly artifactType: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
  /** Annotations of the manifest; none unless given. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
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
  const layer = bytesContent(file.content);
  for (const blob of [emptyConfig, layer]) await pushBlob(registry, repository, blob, options);
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    artifactType: file.artifactType,
    config: { mediaType: EMPTY_JSON, digest: emptyConfig.digest, size: emptyConfig.size },
    layers: [{ mediaType: file.mediaType, digest: layer.digest, size: layer.size }],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    ...(file.annotations !== undefined && { annotations: file.annotations }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return registry.pushManifest(repository, { mediaType: IMAGE_MANIFEST, bytes }, options);
}
