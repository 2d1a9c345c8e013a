import { mkdir } from "node:fs/promises";

import type { ProcessResult, RunningProcess } from "../../support/run-process.ts";
import { newNamespace, sharedCluster } from "../../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../../support/temp-dir.ts";
import { startTenon } from "../../support/tenon.ts";
import type { ApiConnection } from "./api-connection.ts";
import { Api } from "./api.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { pathOf } from "./places.ts";

/** How long a run may take before it counts as one that hangs. */
const hangs = 120_000;

/** A namespace, the folders of a user and a proxy, for one schedule alone. */
export class Lab implements AsyncDisposable {
  readonly namespace: string;
  /** A word that is in the input and in a Secret, and must be nowhere else. */
  readonly word: string;
  readonly api: Api;
  readonly proxy: FaultProxy;
  readonly #dir: TempDir;

  private constructor(namespace: string, api: Api, proxy: FaultProxy, dir: TempDir) {
    this.namespace = namespace;
    this.word = `word-of-secrets-${namespace}`;
    this.api = api;
    this.proxy = proxy;
    this.#dir = dir;
  }

  /** Makes a lab; its namespace is not there yet. */
  static async start(connection: ApiConnection): Promise<Lab> {
    const proxy = await startFaultProxy(connection);
    const dir = await tempDir();
    await dir.write({ "input/kubeconfig": kubeconfigFor(proxy.url) });
    for (const folder of userFolders) await mkdir(dir.file(folder));
    return new Lab(newNamespace("faults"), new Api(connection), proxy, dir);
  }

  /** API group of the custom resource. */
  get group(): string {
    return `${this.namespace}.example.com`;
  }

  /** The folders in which a run may leave something. */
  get folders(): string[] {
    return userFolders.map((folder) => this.#dir.file(folder));
  }

  /** Writes a file that the user has, and returns its path. */
  input(name: string, content: object): Promise<string> {
    return this.#dir.write({ [`input/${name}`]: JSON.stringify(content) });
  }

  /** Starts the command line behind the proxy, or beside it. */
  start(args: readonly string[], via: "proxy" | "direct" = "proxy"): RunningProcess {
    const direct = sharedCluster().kubeconfig;
    const [home, cache, tmp] = this.folders;
    const env = {
      HOME: home,
      TENON_CACHE_DIR: cache,
      TMPDIR: tmp,
      KUBECONFIG: via === "direct" ? direct : this.#dir.file("input/kubeconfig"),
    };
    return startTenon(args, { env, cwd: this.#dir.path, timeoutMs: hangs });
  }

  /** Runs the command line without any fault. */
  async run(args: readonly string[]): Promise<ProcessResult> {
    this.proxy.begin([]);
    return this.start(args).result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.#cleanUp();
    await this.#dir[Symbol.asyncDispose]();
  }

  /** Thousands of schedules are too many for one API server to keep. */
  async #cleanUp(): Promise<void> {
    const { api, group, namespace } = this;
    await api.delete(pathOf(this, "CustomResourceDefinition", `things.${group}`));
    for (const instance of ["app", "web"]) {
      await api.delete(pathOf(this, "ClusterRole", `${namespace}-${instance}`));
    }
    await api.delete(`/api/v1/namespaces/${namespace}`);
  }
}

const userFolders = ["home", "cache", "tmp"];

function kubeconfigFor(server: string): string {
  const context = { cluster: "proxy", user: "proxy" };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "proxy",
    clusters: [{ name: "proxy", cluster: { server } }],
    users: [{ name: "proxy", user: {} }],
    contexts: [{ name: "proxy", context }],
  });
}
