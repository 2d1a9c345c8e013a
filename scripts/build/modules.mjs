// Vendors the CUE packages that our own modules import; they are not committed.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { exists, repoRoot } from "../lib/cache.mjs";
import { run } from "../lib/run.mjs";

const tenon = path.join(repoRoot, "packages/cli/bin/tenon.js");

/** Runs `tenon mod vendor` in every module under modules/. */
export async function vendorModules() {
  for (const name of await readdir(path.join(repoRoot, "modules"))) {
    // The blueprint becomes a module with packages of its own when `tenon mod init` copies it.
    if (name === "blueprint") continue;
    const dir = path.join(repoRoot, "modules", name);
    if (!(await exists(path.join(dir, "cue.mod/module.cue")))) continue;
    await run(process.execPath, [tenon, "mod", "vendor", "core", dir]);
    await run(process.execPath, [tenon, "mod", "vendor", "k8s", dir]);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await vendorModules();
