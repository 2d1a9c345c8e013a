import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

import { TenonError } from "@tenon/core";

/** What to copy, and where to. */
export interface VendorKubernetesOptions {
  /** Folder of generated Kubernetes schemas. */
  readonly schemasDir: string;
  /** Folder of a module: what holds `cue.mod`. */
  readonly moduleDir: string;
  readonly signal?: AbortSignal;
}

/**
 * Writes the CUE packages of the Kubernetes API into a module's `cue.mod/gen` and returns their
 * import paths. Packages of the same Go modules that an earlier version had are removed.
 *
 * @throws {TenonError} `SCHEMA_MODULE_INVALID` when the folder is not a CUE module
 */
export async function vendorKubernetes(options: VendorKubernetesOptions): Promise<string[]> {
  const { schemasDir, moduleDir, signal } = options;
  await requireModule(moduleDir);
  const source = path.join(schemasDir, "cue", "k8s.io");
  const gen = path.join(moduleDir, "cue.mod", "gen");
  await mkdir(path.join(gen, "k8s.io"), { recursive: true });
  // On the same file system as the target, for rename, and hidden from CUE and from packing.
  const staging = await mkdtemp(path.join(gen, ".k8s.io-"));
  try {
    await cp(source, path.join(staging, "new"), { recursive: true });
    await mkdir(path.join(staging, "old"));
    signal?.throwIfAborted();
    for (const tree of await readdir(source)) await replaceTree(staging, gen, tree);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return listPackages(source);
}

async function requireModule(moduleDir: string): Promise<void> {
  const file = path.join(moduleDir, "cue.mod", "module.cue");
  const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (info?.isFile()) return;
  throw new TenonError(
    "SCHEMA_MODULE_INVALID",
    `Cannot write Kubernetes schemas into ${moduleDir}: it has no cue.mod/module.cue`,
    { hint: "Run the command in a module's folder, or make one with: tenon mod init NAME" },
  );
}

async function replaceTree(staging: string, gen: string, tree: string): Promise<void> {
  const target = path.join(gen, "k8s.io", tree);
  const old = path.join(staging, "old", tree);
  const moved = await moveIfThere(target, old);
  try {
    await rename(path.join(staging, "new", tree), target);
  } catch (error) {
    if (moved) await rename(old, target);
    throw error;
  }
}

async function moveIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function listPackages(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".cue"))
    .map((entry) => path.relative(root, entry.parentPath).split(path.sep).join("/"));
  return [...new Set(folders)].sort().map((folder) => `k8s.io/${folder}`);
}
