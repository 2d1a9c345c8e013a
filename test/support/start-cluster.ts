import { readFile } from "node:fs/promises";

import { parse } from "yaml";

import { startServer } from "./start-server.ts";
import { tempDir } from "./temp-dir.ts";
import { toolPath } from "./tools.ts";

/** Where a test cluster is. It is plain data, so that it can be handed to the workers of the tests. */
export interface ClusterInfo {
  readonly server: string;
  /** A kubeconfig of an administrator. */
  readonly kubeconfig: string;
  /** A kubeconfig of a user without any rights. */
  readonly unprivileged: string;
  readonly auditLog: string;
  /** PEM of the certificate authority. */
  readonly ca: string;
  /** Bearer token of the administrator. */
  readonly token: string;
}

/** A test cluster that stops when it is disposed. */
export interface TestCluster extends AsyncDisposable {
  readonly info: ClusterInfo;
}

/** Starts a real API server with its controllers and a simulated node. */
export async function startCluster(): Promise<TestCluster> {
  const dir = await tempDir();
  const args = ["serve", "--dir", dir.path, "--exit-on-stdin-close"];
  const server = await startServer(toolPath("TENON_TEST_CLUSTER"), args);
  const ready = JSON.parse(server.firstLine) as Pick<
    ClusterInfo,
    "server" | "kubeconfig" | "auditLog"
  >;
  const { server: url, kubeconfig, auditLog } = ready;
  return {
    info: {
      server: url,
      kubeconfig,
      auditLog,
      unprivileged: dir.file("kubeconfig-unprivileged"),
      ...(await credentialsOf(kubeconfig)),
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function credentialsOf(kubeconfig: string): Promise<Pick<ClusterInfo, "ca" | "token">> {
  const config = parse(await readFile(kubeconfig, "utf8")) as {
    clusters: { cluster: { "certificate-authority-data": string } }[];
    users: { user: { token: string } }[];
  };
  const data = config.clusters[0]?.cluster["certificate-authority-data"] ?? "";
  const token = config.users[0]?.user.token ?? "";
  return { ca: Buffer.from(data, "base64").toString("utf8"), token };
}
