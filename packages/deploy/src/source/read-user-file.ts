import { readFile } from "node:fs/promises";

/**
 * Reads a file that a user named.
 *
 * @param unreadable makes the error of a file that cannot be read
 */
export async function readUserFile(
  file: string,
  unreadable: (reason: string, cause: unknown) => Error,
): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    throw unreadable(reasons[code] ?? code, cause);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a directory",
};
