// Bundles the code of worker threads, which Node cannot load from TypeScript.
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { repoRoot } from "../lib/cache.mjs";

const options = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "warning",
  conditions: ["@tenon/source"],
  external: ["oxc-transform"],
};

/** Writes packages/cue-wasm/dist/worker.js, and what runs TypeScript to packages/deploy/dist. */
export async function buildWorkers() {
  await build({
    ...options,
    entryPoints: [path.join(repoRoot, "packages/cue-wasm/src/worker.ts")],
    outfile: path.join(repoRoot, "packages/cue-wasm/dist/worker.js"),
  });
  const typescript = path.join(repoRoot, "packages/deploy/src/typescript");
  await build({
    ...options,
    entryPoints: {
      "typescript-runner": path.join(typescript, "runner.ts"),
      "typescript-hooks": path.join(typescript, "module-hooks.ts"),
    },
    outdir: path.join(repoRoot, "packages/deploy/dist"),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWorkers();
