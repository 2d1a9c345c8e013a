import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { assets as builtIn } from "../assets.ts";
import { type ModulePlace, newModule } from "./new-module.ts";
import { vendorCore } from "./vendor-core.ts";

const placeholder = "__NAME__";

/**
 * Creates a module from the blueprint that comes with this package, with the authoring library
 * vendored. The directory appears whole or not at all.
 *
 * @returns the path of the new module
 * @throws SchemaError `SCHEMA_NAME_INVALID`, `SCHEMA_ALREADY_EXISTS`, `SCHEMA_MODULE_NOT_FOUND` when the parent is missing, `SCHEMA_FILE_INACCESSIBLE`
 */
export async function initModule(
  options: ModulePlace & { readonly assets?: { readonly blueprint: URL; readonly core: URL } },
): Promise<string> {
  const { name, assets = builtIn } = options;
  return newModule(options, async (folder) => {
    await copyNamed(assets.blueprint, folder, name);
    await vendorCore({ moduleDir: folder, assets });
  });
}

/** The text of a file of the blueprint, for a module of this name. */
export async function blueprintText(file: string, name: string): Promise<string> {
  return (await readFile(new URL(file, builtIn.blueprint), "utf8")).replaceAll(placeholder, name);
}

async function copyNamed(from: URL, to: string, name: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = new URL(`${entry.name}${entry.isDirectory() ? "/" : ""}`, from);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) {
      const isVendored = from.pathname.endsWith("/cue.mod/");
      if (!isVendored) await copyNamed(source, target, name);
    } else if (entry.isFile()) {
      await writeFile(target, (await readFile(source, "utf8")).replaceAll(placeholder, name));
    }
  }
}
