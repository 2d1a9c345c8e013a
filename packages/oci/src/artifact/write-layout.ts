import { randomBytes } from "node:crypto";
import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { streamTar } from "../archive/pack-tar.ts";
import { readTree } from "../archive/read-tree.ts";
import type { TarEntry } from "../archive/tar-entry.ts";
import { isMissing, writeFileAtomic } from "../content/node-file.ts";
import { unwritable } from "../content/unwritable.ts";
import { OciError } from "../errors.ts";
import { createLayout } from "../layout/layout.ts";
import type { CallOptions } from "../registry.ts";
import type { PackedArtifact } from "./artifact-manifest.ts";
import { pushArtifact } from "./push-artifact.ts";

/** What an OCI image layout is written as: a tar archive that is not compressed, or a folder. */
export type LayoutFormat = "oci-archive" | "oci-layout";

/** Options of {@link writeLayout}. */
export interface WriteLayoutOptions extends CallOptions {
  readonly format: LayoutFormat;
  /** Each an `org.opencontainers.image.ref.name` by which the artifact is found in it. */
  readonly tags: readonly string[];
}

/**
 * Writes an artifact as an OCI image layout: all of it or nothing. The same artifact gives the same
 * bytes. Folders above `path` are made.
 *
 * @throws OciError `OCI_OUTPUT_EXISTS`, `OCI_OUTPUT_UNWRITABLE`
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
 */
export async function writeLayout(
  artifact: PackedArtifact,
  path: string,
  options: WriteLayoutOptions,
): Promise<void> {
  await checkFree(path);
  const target = resolve(path);
  const staging = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  const { format, tags, signal } = options;
  try {
    await mkdir(staging, { recursive: true });
    await pushArtifact(createLayout(staging), "artifact", artifact, tags, { signal });
    if (format === "oci-layout") await rename(staging, target);
    else await writeArchive(staging, target, signal);
  } catch (error) {
    throw unwritable(error, path);
  } finally {
    // Where it could not be made, there is nothing to remove.
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function writeArchive(
  layout: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const entries: TarEntry[] = [];
  for await (const entry of readTree(layout, { signal })) entries.push(entry);
  await writeFileAtomic(path, streamTar(entries), { signal });
}

/**
 * Fails if something is at a place.
 *
 * @throws OciError `OCI_OUTPUT_EXISTS`
 */
export async function checkFree(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (found === undefined) return;
  throw new OciError("OCI_OUTPUT_EXISTS", `Cannot write ${path}: it exists already`, {
    hint: "Remove it, or choose another place",
  });
}
