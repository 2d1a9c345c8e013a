import { type Digest, sha256 } from "@tenon/core";

import { compareBytes } from "../archive/tar-entry.ts";
import type { Content } from "../content/content.ts";
import { IMAGE_MANIFEST } from "../media-types.ts";
import type { Annotations } from "./annotations.ts";
import {
  CONFIG_MEDIA_TYPE,
  CONTENT_MEDIA_TYPE,
  CONTENT_TYPE_ANNOTATION,
  configContent,
} from "./constants.ts";

/** A layer of an artifact with its content. */
export interface ArtifactLayer extends Content {
  /** What a layer of a module or of a generic artifact holds. */
  readonly contentType?: string | undefined;
  /** Digest of the archive before compression. */
  readonly diffId: Digest;
}

/** An artifact that is ready to be pushed. Dispose of it to remove its temporary files. */
export interface PackedArtifact extends AsyncDisposable {
  readonly mediaType: typeof IMAGE_MANIFEST;
  /** Digest of the manifest. */
  readonly digest: Digest;
  /** The exact bytes of the manifest. */
  readonly manifest: Uint8Array;
  readonly annotations: Annotations;
  readonly config: Content;
  readonly layers: readonly Content[];
}

/** An artifact that was just built. */
export interface Artifact extends PackedArtifact {
  readonly layers: readonly ArtifactLayer[];
}

/** What tells clients of what kind an artifact is. */
export interface ArtifactForm {
  readonly configMediaType: string;
  readonly config: Content;
  readonly layerMediaType: string;
}

const timoniForm: ArtifactForm = {
  configMediaType: CONFIG_MEDIA_TYPE,
  config: configContent,
  layerMediaType: CONTENT_MEDIA_TYPE,
};

/** Puts layers and annotations together: compact JSON with keys in the order that Timoni writes. */
export function composeArtifact(
  layers: readonly (ArtifactLayer & AsyncDisposable)[],
  annotations: Annotations,
  { config, configMediaType, layerMediaType }: ArtifactForm = timoniForm,
): Artifact {
  const sorted = sortKeys(annotations);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: IMAGE_MANIFEST,
      config: { mediaType: configMediaType, size: config.size, digest: config.digest },
      layers: layers.map(({ contentType, digest, size }) => ({
        mediaType: layerMediaType,
        size,
        digest,
        ...(contentType !== undefined && {
          annotations: { [CONTENT_TYPE_ANNOTATION]: contentType },
        }),
      })),
      ...(Object.keys(sorted).length > 0 && { annotations: sorted }),
    }),
  );
  return {
    mediaType: IMAGE_MANIFEST,
    digest: sha256(manifest),
    manifest,
    annotations: sorted,
    config,
    layers,
    [Symbol.asyncDispose]: async () => {
      for (const layer of layers) await layer[Symbol.asyncDispose]();
    },
  };
}

function sortKeys(annotations: Annotations): Annotations {
  const sorted = Object.entries(annotations).sort(([a], [b]) => compareBytes(a, b));
  return Object.fromEntries(sorted);
}
