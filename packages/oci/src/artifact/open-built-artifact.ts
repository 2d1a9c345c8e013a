import { open, stat } from "node:fs/promises";
import { join } from "node:path";

import { isTenonError } from "@tenon/core";

import { readTar } from "../archive/read-tar.ts";
import { fileChunks, fileSize } from "../content/node-file.ts";
import type { PackedArtifact } from "./artifact-manifest.ts";
import { type LaidOutArtifact, type OpenBuiltOptions, openBuilt } from "./open-built.ts";

/** The file that makes a folder an OCI layout. */
const layoutFile = "oci-layout";

/**
 * Tells whether a path is an OCI layout: a folder, or a tar archive that is not compressed. Another file or
 * folder is none, whatever is in it.
 */
export async function isLayout(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return (await fileSize(join(path, layoutFile))) !== undefined;
  return found?.isFile() === true && (await isTar(path)) && holdsLayout(path);
}

/** A tar archive tells what it is in its first header (offset: 257 - length: 5). */
async function isTar(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 257);
    return bytesRead === 5 && buffer.toString("latin1") === "ustar";
  } finally {
    await file.close();
  }
}

async function holdsLayout(path: string): Promise<boolean> {
  const entries = readTar(fileChunks(path), { gzip: false, maxBytes: Number.MAX_SAFE_INTEGER });
  try {
    for await (const entry of entries) {
      if (entry.path === layoutFile) return true;
      if (entry.type === "file") for await (const _ of entry.content);
    }
  } catch (error) {
    // An archive that nothing here would unpack is a file like others.
    if (!isTenonError(error)) throw error;
  }
  return false;
}

/**
 * Opens an artifact that was written as an OCI layout, and verifies every byte of it.
 *
 * @throws OciError as {@link openBuilt} and `Registry.readBlob`
 */
export async function openBuiltArtifact(
  path: string,
  options: OpenBuiltOptions = {},
): Promise<PackedArtifact> {
  const kind = {
    command: "tenon artifact build",
    async verify({ layout, ref, layers }: LaidOutArtifact) {
      for (const { digest, size } of layers) {
        const { stream } = await layout.readBlob(ref.repository, { digest, size }, options);
        for await (const _ of stream);
      }
      return {};
    },
  };
  return openBuilt(path, kind, options);
}
