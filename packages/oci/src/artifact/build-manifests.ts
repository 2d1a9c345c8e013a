import { packTar } from "../archive/pack-tar.ts";
import { bytesContent } from "../content/content.ts";
import { IMAGE_LAYER } from "../media-types.ts";
import { completeAnnotations } from "./annotations.ts";
import { type Artifact, composeArtifact } from "./artifact-manifest.ts";
import type { BuildOptions } from "./build-artifact.ts";
import { FLUX_CONFIG_MEDIA_TYPE } from "./constants.ts";

/** Options of {@link buildManifestsArtifact}. */
export interface BuildManifestsOptions extends Omit<BuildOptions, "resolveLinks"> {
  /** The file or folder that the manifests come from, whose git repository is annotated. */
  readonly source?: string | undefined;
}

/**
 * Packs manifests of Kubernetes as an artifact that Flux and Argo CD apply: one layer, which Argo CD
 * takes by its media type and Flux for being the first.
 *
 * @param files content by path
 * @throws OciError `OCI_ARCHIVE_UNSAFE`
 * @example
 * ```ts
 * const files = new Map([["manifests.yaml", Buffer.from(yaml)]]);
 * await using artifact = await buildManifestsArtifact(files, { source: ".", env: process.env });
 * await pushArtifact(registry, "org/rendered/app", artifact, ["1.2.0"]);
 * ```
 */
export async function buildManifestsArtifact(
  files: ReadonlyMap<string, Uint8Array>,
  options: BuildManifestsOptions = {},
): Promise<Artifact> {
  const { annotations = {}, env = {}, source, signal, temporary } = options;
  const complete = await completeAnnotations(annotations, { env, path: source, signal });
  const entries = [...files].map(([path, content]) => ({ path, content, type: "file" as const }));
  const layer = await packTar(entries, { signal, temporary });
  return composeArtifact([layer], complete, {
    configMediaType: FLUX_CONFIG_MEDIA_TYPE,
    config: imageConfig(layer.diffId),
    layerMediaType: IMAGE_LAYER,
  });
}

/** The config of an image with one layer, for clients that compare the two. */
function imageConfig(diffId: string) {
  const rootfs = { type: "layers", diff_ids: [diffId] };
  return bytesContent(
    Buffer.from(JSON.stringify({ architecture: "", os: "", config: {}, rootfs })),
  );
}
