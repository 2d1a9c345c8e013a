import { isUtf8 } from "node:buffer";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { assets as builtIn } from "../assets.ts";
import { type ModulePlace, newModule } from "./new-module.ts";
import type { ModuleFiles } from "./read-module.ts";
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

/**
 * Creates a module from another one: in its own files the words `__NAME__` and `blueprint` become the
 * name of the new one, what it vendored stays as it is. The directory appears whole or not at all.
 *
 * @returns the path of the new module
 * @throws SchemaError as {@link initModule}
 */
export async function initFromBlueprint(
  options: ModulePlace & { readonly blueprint: ModuleFiles },
): Promise<string> {
  const { name, blueprint } = options;
  return newModule(options, async (folder) => {
    for (const [file, content] of blueprint.files) {
      const target = path.join(folder, file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, isVendored(file) ? content : named(content, name));
    }
    // What must not be published is told in every new module.
    if (blueprint.files.has(ignoreFile)) return;
    await writeFile(path.join(folder, ignoreFile), await blueprintText(ignoreFile, name));
  });
}

const ignoreFile = "timoni.ignore";

function isVendored(file: string): boolean {
  return /^cue\.mod\/(gen|pkg|usr)\//.test(file);
}

/** Files that are no text stay as they are. */
function named(content: Uint8Array, name: string): Uint8Array {
  if (!isUtf8(content) || content.includes(0)) return content;
  const text = Buffer.from(content).toString("utf8");
  return Buffer.from(text.replaceAll(placeholder, name).replaceAll(/\bblueprint\b/g, name));
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
