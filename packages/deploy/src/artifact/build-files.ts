import { isPacked, type LayoutFormat, parseTag, writeLayout } from "@tenon/oci";

import type { RegistryContext } from "../source/open-registry.ts";
import { type PackFilesRequest, packFiles } from "./pack-files.ts";

/** Files to pack, as what, and where to write them. */
export interface BuildFilesRequest extends PackFilesRequest {
  /** Names of the artifact in the layout; it needs none to be pushed. */
  readonly tags: readonly string[];
  /** The new file or folder. */
  readonly output: string;
  readonly format: LayoutFormat;
}

/** Files that were written as an OCI layout. */
export interface BuiltFiles {
  readonly output: string;
  readonly format: LayoutFormat;
  readonly tags: readonly string[];
  /** The digest that it has in every registry that it is pushed to. */
  readonly digest: string;
  /** The output is in the folder that was packed, and would be packed with it from now on. */
  readonly isPacked: boolean;
}

/**
 * Packs files as `pushFiles` does, into an OCI image layout instead of a registry. The same files give the
 * same bytes.
 *
 * @throws OciError `OCI_OUTPUT_EXISTS`, `OCI_REFERENCE_INVALID`, and as `packFiles`
 */
export async function buildFiles(
  context: RegistryContext,
  request: BuildFilesRequest,
): Promise<BuiltFiles> {
  const { path, output, format } = request;
  const tags = request.tags.map(parseTag);
  await using artifact = await packFiles(context, request);
  await writeLayout(artifact, output, { format, tags, signal: context.signal });
  const { digest } = artifact;
  return { output, format, tags, digest, isPacked: await isPacked(path, output) };
}
