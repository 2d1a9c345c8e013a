// Generates the Kubernetes schemas from the Go types of the API and from what a real API server says about them.
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { cached, repoRoot } from "../lib/cache.mjs";
import { run } from "../lib/run.mjs";
import { buildCluster } from "./cluster.mjs";

const generator = path.join(repoRoot, "packages/schema/kubernetes");
const dist = path.join(repoRoot, "packages/schema/dist/kubernetes");

/** Generates `cue/`, `openapi/` and `index.json` and returns the folder that holds them. */
export async function buildKubernetesSchemas() {
  return cached({
    name: "kubernetes-schemas",
    inputs: [
      "packages/schema/kubernetes",
      // What decides which API the server has; the rest of the test cluster does not matter here.
      ...["go.mod", "go.sum", "apiserver.go"].map((name) => `test/cluster/${name}`),
    ],
    build: async (outDir) => {
      await withCluster(await buildCluster(), (kubeconfig) =>
        run("go", ["run", "-trimpath", ".", "-kubeconfig", kubeconfig, "-out", outDir], {
          cwd: generator,
        }),
      );
    },
  });
}

/** Copies the generated schemas to where the package reads them from, beside what the compiler puts there. */
export async function installKubernetesSchemas() {
  const built = await buildKubernetesSchemas();
  await mkdir(dist, { recursive: true });
  for (const name of await readdir(built)) {
    const target = path.join(dist, name);
    const staging = `${target}.new`;
    await cp(path.join(built, name), staging, { recursive: true });
    await rm(target, { recursive: true, force: true });
    await rename(staging, target);
  }
}

/** Runs a test API server while `use` works with its kubeconfig. */
async function withCluster(binary, use) {
  const dir = await mkdtemp(path.join(tmpdir(), "kubernetes-schemas-"));
  const child = spawn(binary, ["serve", "--dir", dir, "--exit-on-stdin-close"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  try {
    const { kubeconfig } = JSON.parse(await firstLine(child));
    return await use(kubeconfig);
  } finally {
    child.stdin.end();
    await closed;
    await rm(dir, { recursive: true, force: true });
  }
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`The test cluster ended: exit ${code}`)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installKubernetesSchemas();
