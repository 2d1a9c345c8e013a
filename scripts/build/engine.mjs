// Builds the engine: one Go source, once as WebAssembly and once as a native helper.
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { cached, repoRoot } from "../lib/cache.mjs";
import { run } from "../lib/run.mjs";

const source = path.join(repoRoot, "packages/cue-wasm/go");
const dist = path.join(repoRoot, "packages/cue-wasm/dist");
const flags = ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w"];

/** Builds `engine.wasm` and `tenon-engine` and returns the folder that holds them. */
export async function buildEngine() {
  return cached({
    name: "engine",
    inputs: ["packages/cue-wasm/go"],
    salt: [await run("go", ["env", "GOVERSION"]), ...flags],
    build: async (outDir) => {
      await buildNative(outDir);
      await buildWasm(outDir);
    },
  });
}

/** Copies the built engine to where the package loads it from. */
export async function installEngine() {
  const built = await buildEngine();
  await mkdir(dist, { recursive: true });
  for (const name of ["engine.wasm", "tenon-engine"]) {
    await rm(path.join(dist, name), { force: true });
    await cp(path.join(built, name), path.join(dist, name));
  }
}

async function buildNative(outDir) {
  await run("go", ["build", ...flags, "-o", path.join(outDir, "tenon-engine"), "."], {
    cwd: source,
    env: { CGO_ENABLED: "0" },
  });
}

// The real loader misses one function for wasip1. It is added with -overlay, which Go refuses for
// files in the module cache, so the dependencies are vendored into a scratch copy first.
async function buildWasm(outDir) {
  const scratch = path.join(outDir, "scratch");
  await cp(source, scratch, { recursive: true });
  await run("go", ["mod", "vendor"], { cwd: scratch });
  const target = path.join(scratch, "vendor/cuelang.org/go/internal/robustio/robustio_wasip1.go");
  const overlay = path.join(scratch, "overlay.json");
  const added = path.join(scratch, "overlay/robustio_wasip1.go.txt");
  await writeFile(overlay, JSON.stringify({ Replace: { [target]: added } }));
  const args = ["build", "-mod=vendor", "-overlay", overlay, "-buildmode=c-shared", ...flags];
  await run("go", [...args, "-o", path.join(outDir, "engine.wasm"), "."], {
    cwd: scratch,
    env: { GOOS: "wasip1", GOARCH: "wasm", CGO_ENABLED: "0" },
  });
  await rm(scratch, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installEngine();
