// Puts what packages/schema loads at run time beside its code: the authoring library and the blueprint.
import { cp, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { repoRoot } from "../lib/cache.mjs";

const dist = path.join(repoRoot, "packages/schema/dist");

/** Copies the authoring library and the blueprint into packages/schema/dist. */
export async function installSchemaAssets() {
  await copy("packages/schema/cue/tenon.dev", "cue/tenon.dev");
  await copy("modules/blueprint", "blueprint");
}

async function copy(from, to) {
  const target = path.join(dist, to);
  await rm(target, { recursive: true, force: true });
  await mkdir(path.dirname(target), { recursive: true });
  await cp(path.join(repoRoot, from), target, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installSchemaAssets();
