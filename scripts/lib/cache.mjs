// A content-addressed cache for long builds: an output folder per hash of everything that goes into it.
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const repoRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Where built engines, test servers and test clients are kept between checkouts. */
export const cacheRoot =
  process.env.TENON_DEV_CACHE ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "tenon-dev");

/**
 * Returns the folder that holds the outputs of `build` for these inputs, building it when it is not there yet.
 *
 * @param {object} spec
 * @param {string} spec.name what is built; the folder's name begins with it
 * @param {string[]} spec.inputs files and folders, relative to the checkout, whose contents decide the outputs
 * @param {string[]} [spec.salt] more text that decides the outputs: versions, flags
 * @param {(outDir: string) => Promise<void>} spec.build writes the outputs into `outDir`
 * @returns {Promise<string>} the absolute path of the finished folder
 */
export async function cached({ name, inputs, salt = [], build }) {
  const hash = createHash("sha256");
  for (const text of [process.platform, process.arch, ...salt]) hash.update(`${text}\0`);
  for (const input of inputs) await hashPath(hash, path.join(repoRoot, input), input);
  const target = path.join(cacheRoot, `${name}-${hash.digest("hex").slice(0, 16)}`);
  if (await exists(target)) return target;
  await mkdir(cacheRoot, { recursive: true });
  const outDir = await mkdtemp(path.join(cacheRoot, `.${name}-`));
  try {
    await build(outDir);
    await rename(outDir, target).catch(async (error) => {
      if (!(await exists(target))) throw error;
    });
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
  return target;
}

/** Tells whether something is at this path. */
export async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function hashPath(hash, file, label) {
  const info = await stat(file);
  if (!info.isDirectory()) {
    hash.update(`${label}\0${info.size}\0`);
    hash.update(await readFile(file));
    return;
  }
  const ignored = new Set(["node_modules", "vendor", "dist"]);
  for (const entry of (await readdir(file)).sort()) {
    if (!ignored.has(entry)) await hashPath(hash, path.join(file, entry), `${label}/${entry}`);
  }
}
