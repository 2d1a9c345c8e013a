import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { repoRoot } from "./cache.mjs";
import { run } from "./run.mjs";

const stamp = path.join(repoRoot, "node_modules/.tenon-installed");
const lockfile = path.join(repoRoot, "pnpm-lock.yaml");

/** Installs the packages of the lockfile, unless they are there. */
export async function installPackages() {
  const lock = await readFile(lockfile, "utf8");
  if ((await readFile(stamp, "utf8").catch(() => "")) === lock) return;
  const { packageManager } = JSON.parse(
    await readFile(path.join(repoRoot, "package.json"), "utf8"),
  );
  await run("npm", ["exec", "--yes", packageManager, "--", "install", "--frozen-lockfile"], {
    cwd: repoRoot,
  });
  await writeFile(stamp, lock);
}
