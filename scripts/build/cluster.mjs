// Builds the test cluster and the kubectl of the same version. Run directly, it prints where they are.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { cached, repoRoot } from "../lib/cache.mjs";
import { run } from "../lib/run.mjs";

const module = "test/cluster";

/** Builds the test cluster, when its sources have changed, and returns the path of the binary. */
export async function buildCluster() {
  const sources = (await readdir(path.join(repoRoot, module)))
    .filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))
    .map((name) => `${module}/${name}`);
  return buildBinary("tenon-test-cluster", ".", sources);
}

/** Builds kubectl, when the pinned version has changed, and returns the path of the binary. */
export async function buildKubectl() {
  return buildBinary("kubectl", "k8s.io/kubernetes/cmd/kubectl", []);
}

async function buildBinary(name, target, sources) {
  const args = ["build", "-trimpath", "-ldflags", await linkerFlags()];
  const folder = await cached({
    name,
    inputs: [`${module}/go.mod`, `${module}/go.sum`, ...sources],
    salt: [target, ...args],
    build: async (outDir) => {
      const cwd = path.join(repoRoot, module);
      await run("go", [...args, "-o", path.join(outDir, name), target], { cwd });
    },
  });
  return path.join(folder, name);
}

// Without a version in the binary, clients refuse to parse the one that the server reports.
async function linkerFlags() {
  const version = await kubernetesVersion();
  const [major, minor] = version.slice(1).split(".");
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const flags = ["-s", "-w"];
  for (const [key, value] of Object.entries(values)) {
    for (const target of ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]) {
      flags.push(`-X ${target}.${key}=${value}`);
    }
  }
  return flags.join(" ");
}

async function kubernetesVersion() {
  const text = await readFile(path.join(repoRoot, module, "go.mod"), "utf8");
  const match = /^\s*k8s\.io\/kubernetes (v\S+)$/m.exec(text);
  if (!match) throw new Error(`${module}/go.mod names no version of k8s.io/kubernetes`);
  return match[1];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await buildCluster());
  console.log(await buildKubectl());
}
