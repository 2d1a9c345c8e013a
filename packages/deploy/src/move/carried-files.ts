import {
  EMPTY_JSON,
  type ExportFolder,
  type ExportReader,
  IMAGE_MANIFEST,
  MAX_MANIFEST_BYTES,
  OciError,
  TITLE_ANNOTATION,
  bytesContent,
  parseManifest,
} from "@tenon/oci";

import { latestTag } from "../source/module-version.ts";

/** Artifact type of the files that travel with a bundle. */
const filesType = "application/vnd.tenon.bundle.files.v1";

/** Tells a path below a folder of which no part begins with a dot: no other file travels. */
export function isCarriedName(name: string): boolean {
  return /^\w[\w.-]{0,99}(?:\/\w[\w.-]{0,99}){0,5}$/.test(name);
}

/** A file that travels with a bundle. */
export interface CarriedFile {
  /** Its path below the folder of the bundle. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** Puts files into an export, as an artifact of their own. Tells their names. */
export async function addFiles(
  folder: ExportFolder,
  bundle: string,
  files: readonly CarriedFile[],
): Promise<string[]> {
  if (files.length === 0) return [];
  const repository = filesRepository(bundle);
  const config = bytesContent(Buffer.from("{}"));
  const layers = files.map(({ name, content }) => ({ name, ...bytesContent(content) }));
  for (const blob of [config, ...layers]) await folder.write(blob);
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    artifactType: filesType,
    config: { mediaType: EMPTY_JSON, digest: config.digest, size: config.size },
    layers: layers.map(({ name, digest, size }) => ({
      mediaType: "application/octet-stream",
      digest,
      size,
      annotations: { [TITLE_ANNOTATION]: name },
    })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const { digest } = await folder.target.pushManifest(repository, {
    mediaType: IMAGE_MANIFEST,
    bytes,
  });
  folder.add({ repository, tag: latestTag, role: "files", digest });
  return files.map(({ name }) => name);
}

/**
 * Reads the files that travel in an export.
 *
 * @throws OciError `OCI_LAYOUT_INVALID` for a name that is no name of a file, and as `readBlob`
 */
export async function readFiles(reader: ExportReader): Promise<CarriedFile[]> {
  const files: CarriedFile[] = [];
  for (const { role, repository, descriptor } of reader.index.manifests) {
    const manifest = role === "files" ? await reader.findManifest(descriptor.digest) : undefined;
    if (manifest === undefined) continue;
    for (const layer of parseManifest(manifest.bytes).layers) {
      const name = layer.annotations?.[TITLE_ANNOTATION] ?? "";
      if (!isCarriedName(name) || layer.size > MAX_MANIFEST_BYTES) {
        throw notAFile(reader.path, name);
      }
      const { stream } = await reader.source.readBlob(repository, layer);
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      files.push({ name, content: Buffer.concat(chunks) });
    }
  }
  return files;
}

/** Where the files of a bundle stand in an export, as though they came from a registry too. */
function filesRepository(bundle: string): string {
  return `tenon.dev/bundles/${bundle.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

function notAFile(where: string, name: string): OciError {
  const shown = JSON.stringify(name.slice(0, 100));
  return new OciError(
    "OCI_LAYOUT_INVALID",
    `Cannot use ${where}: it has a file ${shown}, which is no name of a small file`,
    { hint: "It was changed: export it again" },
  );
}
