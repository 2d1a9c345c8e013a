// The real clients and servers that the tests run, each of one version, in the cache folder.
import { chmod, copyFile, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { cached } from "../lib/cache.mjs";
import { quickBuild } from "../lib/quick-build.mjs";
import { run } from "../lib/run.mjs";
import { step } from "../lib/steps.mjs";
import { buildCluster, buildKubectl } from "./cluster.mjs";
import { buildFlux, fetchArgoDefinition } from "./flux.mjs";

const cosign = "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3";
const crane = "github.com/google/go-containerregistry/cmd/crane@v0.21.9";
const cue = "cuelang.org/go/cmd/cue@v0.17.1";
const helm = "helm.sh/helm/v4/cmd/helm@v4.3.1";
const nodeVersions = { 22: "22.23.3", 24: "24.21.0" };

/**
 * Gets every tool and returns the environment that tells the tests where they are. What this
 * machine cannot have is left out with a word on stderr; with CI set that is an error.
 */
export async function testEnvironment() {
  return {
    TENON_TEST_CLUSTER: await step("test cluster", buildCluster),
    TENON_TEST_KUBECTL: await step("kubectl", buildKubectl),
    TENON_TEST_CRANE: await step("crane", () => goTool("crane", crane)),
    TENON_TEST_COSIGN: await step("cosign", () => goTool("cosign", cosign, quickBuild)),
    TENON_TEST_CUE: await step("cue", () => goTool("cue", cue)),
    TENON_TEST_HELM: await step("helm", () => goTool("helm", helm)),
    TENON_TEST_FLUX: await step("Flux controllers", buildFlux),
    TENON_TEST_ARGOCD: await step("Argo CD's definition of an Application", fetchArgoDefinition),
    TENON_TEST_NODE22: await optional("Node 22", () => node(22)),
    TENON_TEST_NODE24: await optional("Node 24", () => node(24)),
    TENON_TEST_DOCKER_REGISTRY: await optional("docker-registry", dockerRegistry),
    TENON_TEST_SKOPEO: await optional("skopeo", skopeo),
  };
}

async function optional(name, get) {
  try {
    return await step(name, get);
  } catch (error) {
    if (process.env.CI) throw error;
    console.error(
      `  ${name} is not to be had here, its tests are skipped: ${error.message.split("\n")[0]}`,
    );
    return undefined;
  }
}

async function goTool(name, module, flags = ["-trimpath"]) {
  const dir = await cached({
    name,
    inputs: [],
    salt: [module, await run("go", ["env", "GOVERSION"]), ...flags],
    build: (outDir) =>
      run("go", ["install", ...flags, module], { env: { GOBIN: outDir, GOFLAGS: "" } }),
  });
  return path.join(dir, name);
}

async function node(major) {
  const name = `node-${process.platform}-${process.arch}`;
  const version = nodeVersions[major];
  const dir = await cached({
    name: `node${major}`,
    inputs: [],
    salt: [name, version],
    build: async (outDir) => {
      await run("npm", ["pack", "--silent", `${name}@${version}`], { cwd: outDir });
      const [archive] = (await readdir(outDir)).filter((file) => file.endsWith(".tgz"));
      await run("tar", ["-xzf", archive, "--strip-components=2", "package/bin/node"], {
        cwd: outDir,
      });
      await rm(path.join(outDir, archive));
      await chmod(path.join(outDir, "node"), 0o755);
    },
  });
  return path.join(dir, "node");
}

async function dockerRegistry() {
  const dir = await cached({
    name: "docker-registry",
    inputs: [],
    salt: ["debian"],
    build: async (outDir) => {
      const scratch = path.join(outDir, "scratch");
      await mkdir(scratch);
      await run("apt-get", ["update", "-qq"]);
      // APT drops its rights to the user _apt, who cannot write here: let root download.
      await run(
        "apt-get",
        ["-o", "APT::Sandbox::User=root", "download", "-qq", "docker-registry"],
        { cwd: scratch },
      );
      const [archive] = await readdir(scratch);
      await run("dpkg", ["-x", archive, "."], { cwd: scratch });
      await copyFile(
        path.join(scratch, "usr/bin/docker-registry"),
        path.join(outDir, "docker-registry"),
      );
      await rm(scratch, { recursive: true });
    },
  });
  return path.join(dir, "docker-registry");
}

async function skopeo() {
  const find = () => run("sh", ["-c", "command -v skopeo"]).then((text) => text.trim());
  return find().catch(async () => {
    await run("apt-get", ["update", "-qq"]);
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "skopeo"], {
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
    return find();
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await testEnvironment());
