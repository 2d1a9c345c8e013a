import { readFile, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";

import { SchemaError } from "../errors.ts";

/** The files of a module, by their path inside it, and how messages name its root. */
export interface ModuleFiles {
  readonly root: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Files that every module has. */
export const requiredFiles: readonly string[] = ["cue.mod/module.cue", "timoni.cue", "values.cue"];

const maxModuleBytes = 100 * 1024 * 1024;
const maxDataFileBytes = 10 * 1024 * 1024;
const skippedFolders: ReadonlySet<string> = new Set([".git", "node_modules", "tenon_modules"]);

/**
 * Reads a module's directory as it is; links are followed as the file system does, ignore rules
 * are for publishing only.
 *
 * @throws SchemaError `SCHEMA_MODULE_NOT_FOUND`, `SCHEMA_MODULE_INVALID`
 */
export async function readModule(
  dir: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<ModuleFiles> {
  const info = await stat(dir).catch(() => undefined);
  if (!info?.isDirectory()) {
    throw new SchemaError(
      "SCHEMA_MODULE_NOT_FOUND",
      `Cannot read module ${dir}: ${info ? "not a directory" : "no such directory"}`,
      {
        hint: "Give the directory that holds timoni.cue, or oci://REGISTRY/REPOSITORY",
      },
    );
  }
  return requireFiles(await readFiles(dir, options));
}

/** Reads all files of a folder that holds a CUE module. */
export async function readFiles(
  dir: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ModuleFiles> {
  const files = new Map<string, Uint8Array>();
  await readFolder({ dir, files, seen: new Set(), size: 0, signal: options.signal }, "");
  return { root: dir, files };
}

/**
 * Checks that a module has the files that every module has.
 *
 * @throws SchemaError `SCHEMA_MODULE_INVALID`
 */
export function requireFiles(module: ModuleFiles): ModuleFiles {
  const missing = requiredFiles.filter((name) => !module.files.has(name));
  if (missing.length === 0) return module;
  throw new SchemaError(
    "SCHEMA_MODULE_INVALID",
    `Cannot read module ${module.root}: it has no ${missing.join(", no ")}`,
    {
      hint: "Create a module with `tenon mod init NAME`, or check the path",
    },
  );
}

/**
 * The name that a module gives itself in `cue.mod/module.cue`.
 *
 * @throws SchemaError `SCHEMA_MODULE_INVALID`
 */
export function moduleName({ root, files }: ModuleFiles): string {
  const text = Buffer.from(files.get("cue.mod/module.cue") ?? []).toString("utf8");
  const name = /^\s*"?module"?\s*:\s*"([^"\\]+)"/m.exec(text)?.[1];
  if (name !== undefined) return name;
  throw new SchemaError(
    "SCHEMA_MODULE_INVALID",
    `Cannot read module ${root}: cue.mod/module.cue has no module name`,
    {
      hint: 'Add a line such as module: "example.com/app"',
    },
  );
}

interface Reading {
  readonly dir: string;
  readonly files: Map<string, Uint8Array>;
  /** Real paths of the folders on the way; a link that leads back to one is a cycle. */
  readonly seen: Set<string>;
  size: number;
  readonly signal: AbortSignal | undefined;
}

async function readFolder(reading: Reading, inner: string): Promise<void> {
  reading.signal?.throwIfAborted();
  const folder = path.join(reading.dir, inner);
  const real = await realpath(folder);
  if (reading.seen.has(real)) return;
  reading.seen.add(real);
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const name = inner === "" ? entry.name : `${inner}/${entry.name}`;
      const info = entry.isSymbolicLink()
        ? await stat(path.join(folder, entry.name)).catch(() => undefined)
        : entry;
      if (info?.isDirectory()) {
        if (!skippedFolders.has(entry.name)) await readFolder(reading, name);
      } else if (info?.isFile()) {
        await readOne(reading, name);
      }
    }),
  );
}

async function readOne(reading: Reading, name: string): Promise<void> {
  const file = path.join(reading.dir, name);
  if (!name.endsWith(".cue") && (await stat(file)).size > maxDataFileBytes) return;
  const content = await readFile(file);
  reading.size += content.length;
  if (reading.size > maxModuleBytes) {
    throw new SchemaError(
      "SCHEMA_MODULE_INVALID",
      `Cannot read module ${reading.dir}: its files are larger than 100 MiB together`,
      {
        hint: "Check that the path is a module's directory",
      },
    );
  }
  reading.files.set(name, content);
}
