// Builds Flux's source-controller and kustomize-controller, and fetches the definition of Argo CD's Application. Run
// directly, it prints where they are.
import { chmod, copyFile, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { cached, repoRoot } from "../lib/cache.mjs";
import { quickBuild } from "../lib/quick-build.mjs";
import { run } from "../lib/run.mjs";

const module = "test/flux";
const argocd = "github.com/argoproj/argo-cd/v3@v3.5.7";
const controllers = ["source-controller", "kustomize-controller"];

/**
 * Builds the controllers, when their versions have changed, and returns the folder that holds them, and their
 * custom resource definitions in `crds`.
 */
export async function buildFlux() {
  const args = ["build", ...quickBuild];
  const packages = controllers.map((name) => `github.com/fluxcd/${name}`);
  return cached({
    name: "flux",
    inputs: [`${module}/go.mod`, `${module}/go.sum`],
    salt: args,
    build: async (outDir) => {
      const cwd = path.join(repoRoot, module);
      // One build of both, for most packages are in both.
      await run("go", [...args, "-o", `${outDir}${path.sep}`, ...packages], { cwd });
      for (const name of packages) {
        const dir = await run("go", ["list", "-m", "-f", "{{.Dir}}", name], { cwd });
        await copyDefinitions(path.join(dir.trim(), "config/crd/bases"), path.join(outDir, "crds"));
      }
    },
  });
}

/** Fetches the custom resource definition of an Application and returns its path: the controller is too large to build. */
export async function fetchArgoDefinition() {
  const file = "application-crd.yaml";
  const folder = await cached({
    name: "argocd",
    inputs: [],
    salt: [argocd],
    build: async (outDir) => {
      const { Dir } = JSON.parse(await run("go", ["mod", "download", "-json", argocd]));
      await copyWritable(path.join(Dir, "manifests/crds", file), path.join(outDir, file));
    },
  });
  return path.join(folder, file);
}

async function copyDefinitions(from, to) {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    await copyWritable(path.join(from, name), path.join(to, name));
  }
}

/** Copies a file of the module cache, which is read-only. */
async function copyWritable(from, to) {
  await copyFile(from, to);
  await chmod(to, 0o644);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await buildFlux());
  console.log(await fetchArgoDefinition());
}
