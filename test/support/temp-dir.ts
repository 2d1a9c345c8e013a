import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder that is removed with all that is in it when it is disposed. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** The path of something in the folder. */
  file(...names: string[]): string;
  /** Writes files, making their folders, and returns the path of the first. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<string>;
  /** Removes a file or folder. */
  remove(name: string): Promise<void>;
}

/** Makes an empty temporary folder. */
export async function tempDir(): Promise<TempDir> {
  const root = await mkdtemp(path.join(tmpdir(), "tenon-e2e-"));
  const file = (...names: string[]): string => path.join(root, ...names);
  return {
    path: root,
    file,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(path.dirname(file(name)), { recursive: true });
        await writeFile(file(name), content);
      }
      return file(Object.keys(files)[0] ?? "");
    },
    remove: (name) => rm(file(name), { recursive: true }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
