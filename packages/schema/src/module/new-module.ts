import { lstat, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

import { SchemaError } from "../errors.ts";
import { inaccessible } from "../files/replace-file.ts";

/** Where a new module goes. */
export interface ModulePlace {
  /** A lower-case DNS name, which is that of the module's folder too. */
  readonly name: string;
  /** Parent of the folder. */
  readonly dir: string;
}

/**
 * Makes the folder of a module, which appears whole or not at all.
 *
 * @param fill writes the module's files into a folder
 * @returns the path of the new module
 * @throws SchemaError `SCHEMA_NAME_INVALID`, `SCHEMA_ALREADY_EXISTS`, `SCHEMA_MODULE_NOT_FOUND` when the parent is missing, `SCHEMA_FILE_INACCESSIBLE`
 */
export async function newModule(
  { name, dir }: ModulePlace,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const target = path.join(dir, name);
  await checkPlace({ name, dir });
  const staging = await mkdtemp(path.join(dir, `.${name}.`)).catch((error: unknown) => {
    throw inaccessible("write", dir, error);
  });
  try {
    // mkdtemp makes folders that nobody else can read.
    const folder = path.join(staging, name);
    await mkdir(folder);
    await fill(folder);
    await rename(folder, target).catch((error: NodeJS.ErrnoException) => {
      const isTaken = ["EEXIST", "ENOTDIR", "ENOTEMPTY"].includes(error.code ?? "");
      throw isTaken ? alreadyExists(target) : inaccessible("write", target, error);
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return target;
}

/**
 * Checks that a module can be made in a place.
 *
 * @throws SchemaError as {@link newModule}
 */
export async function checkPlace({ name, dir }: ModulePlace): Promise<void> {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw new SchemaError(
      "SCHEMA_NAME_INVALID",
      `Cannot create module ${JSON.stringify(name)}: not a lower-case DNS name`,
      { hint: "Use letters, digits and dashes, such as my-app" },
    );
  }
  const target = path.join(dir, name);
  if (!(await stat(dir).catch(() => undefined))?.isDirectory()) {
    throw new SchemaError(
      "SCHEMA_MODULE_NOT_FOUND",
      `Cannot create module ${target}: no directory ${dir}`,
      { hint: "Create the directory first, or give another one" },
    );
  }
  if (await lstat(target).catch(() => undefined)) throw alreadyExists(target);
}

function alreadyExists(target: string): SchemaError {
  return new SchemaError(
    "SCHEMA_ALREADY_EXISTS",
    `Cannot create module ${target}: it exists already`,
    { hint: "Choose another name or directory" },
  );
}
