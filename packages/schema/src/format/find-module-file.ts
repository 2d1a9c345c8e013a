import { readFile, stat } from "node:fs/promises";
import path from "node:path";

/** Finds the module file of folders; each folder is looked at once. */
export class ModuleFileFinder {
  readonly #known = new Map<string, Promise<Uint8Array | undefined>>();

  /** The content of `cue.mod/module.cue` in the nearest folder that has a `cue.mod`. */
  find(folder: string): Promise<Uint8Array | undefined> {
    const known = this.#known.get(folder);
    if (known) return known;
    const found = this.#search(folder);
    this.#known.set(folder, found);
    return found;
  }

  async #search(folder: string): Promise<Uint8Array | undefined> {
    const cueMod = path.join(folder, "cue.mod");
    if (await stat(cueMod).catch(() => undefined)) {
      return readFile(path.join(cueMod, "module.cue")).catch(() => undefined);
    }
    const parent = path.dirname(folder);
    return parent === folder ? undefined : this.find(parent);
  }
}
