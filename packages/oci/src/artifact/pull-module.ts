import { hasCode } from "@tenon/core";

import {
  type ExtractTarOptions,
  type UnpackedFile,
  extractTar,
  extractTarToMap,
} from "../archive/extract-tar.ts";
import { OciError } from "../errors.ts";
import type { Registry } from "../registry.ts";
import { CONTENT_MEDIA_TYPE } from "./constants.ts";
import {
  type ArtifactRef,
  type FetchedArtifact,
  type FetchedLayer,
  fetchArtifact,
} from "./fetch-artifact.ts";
import { openLayers, type OpenLayerOptions } from "./open-layer.ts";

/** Options of {@link pullModule}. */
export interface PullOptions extends OpenLayerOptions {
  /** Takes only the layers that say that they hold this. */
  readonly contentType?: string | undefined;
  /** Called before any layer is read; what it throws ends the pull. */
  readonly onResolved?: ((artifact: FetchedArtifact) => Promise<void>) | undefined;
}

/** Options of {@link pullModuleTo}. */
export type PullToOptions = PullOptions & Pick<ExtractTarOptions, "isWanted">;

/** A pulled artifact with its files, by path. */
export interface PulledModule extends FetchedArtifact {
  readonly files: ReadonlyMap<string, UnpackedFile>;
}

/**
 * Pulls a module or artifact into memory. Manifest and layers are verified; later layers overwrite
 * files of earlier ones.
 *
 * @throws OciError as {@link fetchArtifact}, {@link Registry.readBlob} and {@link extractTar}
 * @example
 * ```ts
 * const module = await pullModule(registry, { repository: "org/app", tag: "1.2.0" });
 * const values = module.files.get("values.cue");
 * ```
 */
export async function pullModule(
  registry: Registry,
  ref: ArtifactRef,
  options: PullOptions = {},
): Promise<PulledModule> {
  const artifact = await fetchArtifact(registry, ref, options);
  await options.onResolved?.(artifact);
  const files = new Map<string, UnpackedFile>();
  try {
    const layers = chosenLayers(artifact, ref, options);
    for (const layer of await openLayers(registry, ref.repository, layers, options)) {
      await extractTarToMap(layer, {}, files);
    }
  } catch (error) {
    throw naming(error, ref);
  }
  return { ...artifact, files };
}

/**
 * Pulls a module or artifact into a folder, all of it or nothing. Files that are there already are
 * overwritten; others stay.
 *
 * @throws OciError as {@link pullModule}
 */
export async function pullModuleTo(
  registry: Registry,
  ref: ArtifactRef,
  dir: string,
  options: PullToOptions = {},
): Promise<FetchedArtifact> {
  const artifact = await fetchArtifact(registry, ref, options);
  await options.onResolved?.(artifact);
  const layers = chosenLayers(artifact, ref, options);
  try {
    const archives = await openLayers(registry, ref.repository, layers, options);
    const { isWanted, signal } = options;
    await extractTar(archives, dir, { isWanted, signal });
  } catch (error) {
    throw naming(error, ref);
  }
  return artifact;
}

/** What is wrong with an archive says which artifact it came from. */
function naming(error: unknown, ref: ArtifactRef): unknown {
  if (!hasCode(error, "OCI_ARCHIVE_UNSAFE", "OCI_ARCHIVE_INVALID")) return error;
  const { code, message, hint, details } = error;
  const name = `${ref.repository}${ref.tag ? `:${ref.tag}` : ref.digest ? `@${ref.digest}` : ""}`;
  const why = message.replace(/^Cannot (use|read) /, "");
  return new OciError(code, `Cannot unpack ${name}: ${why}`, { hint, details, cause: error });
}

function chosenLayers(
  artifact: FetchedArtifact,
  ref: ArtifactRef,
  options: PullOptions,
): readonly FetchedLayer[] {
  const { contentType = "" } = options;
  if (contentType === "") return artifact.layers;
  const layers = artifact.layers.filter((layer) => layer.contentType === contentType);
  if (layers.length > 0) return layers;
  const known = [...new Set(artifact.layers.map((layer) => layer.contentType))].join(", ");
  throw new OciError(
    "OCI_LAYER_MISSING",
    `Cannot pull ${ref.repository}: it has no layer with media type ${CONTENT_MEDIA_TYPE} and content type ${JSON.stringify(contentType)}`,
    { hint: `Its content types are: ${known}` },
  );
}
