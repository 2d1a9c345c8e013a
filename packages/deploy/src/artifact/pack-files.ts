import { type Artifact, buildArtifact, parseAnnotations } from "@tenon/oci";

import type { RegistryContext } from "../source/open-registry.ts";

/** Files to pack, and as what. */
export interface PackFilesRequest {
  /** A file or a folder. */
  readonly path: string;
  /** What the layer is said to hold; `generic` unless given. */
  readonly contentType?: string | undefined;
  /** `key=value` each. */
  readonly annotations: readonly string[];
  /** Pack what symbolic links point to; they are left out otherwise. */
  readonly resolveLinks?: boolean | undefined;
}

/**
 * Packs a file or a folder as an artifact with one layer. Dispose of it to remove its temporary files.
 *
 * @throws OciError `OCI_ANNOTATION_INVALID`, and as `buildArtifact`
 */
export async function packFiles(
  { env, signal }: RegistryContext,
  { path, contentType, annotations, resolveLinks }: PackFilesRequest,
): Promise<Artifact> {
  const given = parseAnnotations(annotations);
  return buildArtifact(path, { contentType, annotations: given, resolveLinks, env, signal });
}
