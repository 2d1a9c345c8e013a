import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { assets as builtIn } from "../assets.ts";
import { SchemaError } from "../errors.ts";
import { vendorCore } from "./vendor-core.ts";

const placeholder = "__NAME__";

/**
 * Creates a module from the blueprint that comes with this package, with the authoring library
 * vendored. The directory appears whole or not at all.
 *
 * @returns the path of the new module
 * @throws SchemaError `SCHEMA_NAME_INVALID`, `SCHEMA_ALREADY_EXISTS`, `SCHEMA_MODULE_NOT_FOUND` when the parent is missing
 */
export async function initModule(options: {
  readonly name: string;
  /** Parent directory of the new module. */
  readonly dir: string;
  readonly assets?: { readonly blueprint: URL; readonly core: URL };
}): Promise<string> {
  const { name, dir, assets = builtIn } = options;
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw new SchemaError(
      "SCHEMA_NAME_INVALID",
      `Cannot create module ${JSON.stringify(name)}: not a lower-case DNS name`,
      {
        hint: "Use letters, digits and dashes, such as my-app",
      },
    );
  }
  const target = path.join(dir, name);
  if (!(await stat(dir).catch(() => undefined))?.isDirectory()) {
    throw new SchemaError(
      "SCHEMA_MODULE_NOT_FOUND",
      `Cannot create module ${target}: no directory ${dir}`,
      {
        hint: "Create the directory first, or give another one",
      },
    );
  }
  if (await stat(target).catch(() => undefined)) {
    throw new SchemaError(
      "SCHEMA_ALREADY_EXISTS",
      `Cannot create module ${target}: it exists already`,
      {
        hint: "Choose another name or directory",
      },
    );
  }
  const staging = path.join(dir, `.${name}.${process.pid}.tmp`);
  try {
    await copyNamed(assets.blueprint, staging, name);
    await vendorCore({ moduleDir: staging, assets });
    await rename(staging, target);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return target;
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
