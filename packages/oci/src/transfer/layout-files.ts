import { open } from "node:fs/promises";
import { join } from "node:path";

import { indexTar } from "../archive/index-tar.ts";
import { fileChunks, fileSize, handleChunks } from "../content/node-file.ts";
import { OciError } from "../errors.ts";

/** The files of an OCI image layout. Dispose it to close what holds them. */
export interface LayoutFiles extends AsyncDisposable {
  /** The folder or the archive, as it was given. */
  readonly path: string;
  /** The size of a file, by its path in the layout; nothing where there is none. */
  size(name: string): Promise<number | undefined>;
  /** The bytes of a file that is there. */
  read(name: string): AsyncIterable<Uint8Array>;
}

/**
 * Opens the files of a layout in a folder, or in a tar archive that is not compressed. An archive is read
 * where it is: nothing is unpacked.
 *
 * @throws OciError `OCI_LAYOUT_INVALID` if there is nothing, and as `indexTar`
 */
export async function openLayoutFiles(path: string): Promise<LayoutFiles> {
  const isFile = (await fileSize(path)) !== undefined;
  const files = isFile ? await openArchive(path) : openFolder(path);
  if ((await files.size("oci-layout")) !== undefined) return files;
  await files[Symbol.asyncDispose]();
  throw new OciError("OCI_LAYOUT_INVALID", `Cannot read ${path}: it is no OCI layout`, {
    hint: "Check the path; an export that was cut off is finished by running it again",
  });
}

function openFolder(path: string): LayoutFiles {
  return {
    path,
    size: (name) => fileSize(join(path, name)),
    read: (name) => fileChunks(join(path, name)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function openArchive(path: string): Promise<LayoutFiles> {
  const file = await open(path, "r");
  try {
    const index = await indexTar(file);
    return {
      path,
      size: async (name) => index.get(name)?.size,
      read(name) {
        const place = index.get(name);
        if (place === undefined) throw new Error(`there is no ${name} in ${path}`);
        return handleChunks(file, { start: place.offset, end: place.offset + place.size });
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
