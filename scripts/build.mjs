// Builds everything that the command line and the tests need. Long builds are cached by their sources.
import { fileURLToPath } from "node:url";

import { step } from "./lib/steps.mjs";

/** Builds all, showing each step. */
export async function buildAll() {
  const { installEngine } = await import("./build/engine.mjs");
  const { buildWorkers } = await import("./build/worker.mjs");
  const { buildCluster } = await import("./build/cluster.mjs");
  const { installKubernetesSchemas } = await import("./build/kubernetes-schemas.mjs");
  const { installSchemaAssets } = await import("./build/schema-assets.mjs");
  const { buildCli } = await import("./build/cli.mjs");
  const { vendorModules } = await import("./build/modules.mjs");
  await step("CUE engine (WebAssembly and native)", async () => {
    await installEngine();
    await buildWorkers();
  });
  await step("test cluster (etcd, kube-apiserver, controllers)", buildCluster);
  await step("Kubernetes schemas", installKubernetesSchemas);
  await step("tenon command line", async () => {
    await installSchemaAssets();
    await buildCli();
  });
  await step("vendored packages of the modules", vendorModules);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { requirePrerequisites } = await import("./lib/prerequisites.mjs");
  const { installPackages } = await import("./lib/install.mjs");
  requirePrerequisites();
  await step("packages", installPackages);
  await buildAll();
}
