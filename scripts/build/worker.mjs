// Bundles the engine's worker thread, which Node cannot load from TypeScript.
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { repoRoot } from "../lib/cache.mjs";

/** Writes packages/cue-wasm/dist/worker.js. */
export async function buildWorker() {
  await build({
    entryPoints: [path.join(repoRoot, "packages/cue-wasm/src/worker.ts")],
    outfile: path.join(repoRoot, "packages/cue-wasm/dist/worker.js"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWorker();
