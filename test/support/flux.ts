import path from "node:path";

import { createDefinitions } from "./definitions.ts";
import { outputOf } from "./run-process.ts";
import type { ClusterInfo } from "./start-cluster.ts";
import { freePort, startServer } from "./start-server.ts";
import { tempDir } from "./temp-dir.ts";
import { toolPath } from "./tools.ts";

/** Flux's source-controller and kustomize-controller at work on a cluster, until disposed. */
export interface Flux extends AsyncDisposable {
  /** The namespace that they are said to run in, which exists. */
  readonly namespace: string;
}

/**
 * Installs what Flux defines, and runs its real controllers beside the cluster as the administrator, with
 * all that they check turned on but the network policies of a cluster.
 */
export async function startFlux({ kubeconfig }: ClusterInfo): Promise<Flux> {
  const namespace = "flux-system";
  await install(kubeconfig, namespace);
  const dir = await tempDir();
  const storage = `127.0.0.1:${await freePort()}`;
  const start = (name: string, ...args: string[]) =>
    startServer(
      path.join(toolPath("TENON_TEST_FLUX"), name),
      ["--metrics-addr=0", "--health-addr=127.0.0.1:0", "--log-level=error", ...args],
      {
        silent: true,
        env: {
          PATH: process.env["PATH"],
          HOME: dir.path,
          TMPDIR: dir.path,
          KUBECONFIG: kubeconfig,
          RUNTIME_NAMESPACE: namespace,
        },
      },
    );
  const source = await start(
    "source-controller",
    `--storage-path=${dir.path}`,
    `--storage-addr=${storage}`,
    `--storage-adv-addr=${storage}`,
    "--concurrent=8",
  );
  const kustomize = await start("kustomize-controller", "--concurrent=8");
  return {
    namespace,
    async [Symbol.asyncDispose]() {
      await kustomize[Symbol.asyncDispose]();
      await source[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function install(kubeconfig: string, namespace: string): Promise<void> {
  await createDefinitions(kubeconfig, path.join(toolPath("TENON_TEST_FLUX"), "crds"));
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  await outputOf(toolPath("TENON_TEST_KUBECTL"), ["create", "namespace", namespace], { env });
}
