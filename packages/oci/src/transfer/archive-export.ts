import { rm } from "node:fs/promises";
import { join } from "node:path";

import { streamTar } from "../archive/pack-tar.ts";
import type { TarEntry } from "../archive/tar-entry.ts";
import { fileChunks, fileSize, writeFileAtomic } from "../content/node-file.ts";
import type { CallOptions } from "../registry.ts";
import type { ExportFolder } from "./export-folder.ts";

/**
 * Makes a tar archive of a finished export and removes its folder. The archive is there as a whole or not
 * at all; the same export gives the same bytes.
 *
 * @param dir the folder, on the volume of the archive
 */
export async function archiveExport(
  folder: ExportFolder,
  dir: string,
  archive: string,
  { signal }: CallOptions = {},
): Promise<void> {
  const entries: TarEntry[] = [];
  for (const path of folder.files()) {
    const file = join(dir, path);
    const size = await fileSize(file);
    if (size !== undefined) {
      entries.push({ path, type: "file", size, content: () => fileChunks(file) });
    }
  }
  await writeFileAtomic(archive, streamTar(entries), { temporary: dir, signal });
  await rm(dir, { recursive: true, force: true });
}
