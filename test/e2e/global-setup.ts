import { readFile } from "node:fs/promises";

import type { TestProject } from "vitest/node";

import "../support/shared-cluster.ts";
import { type ClusterInfo, startCluster } from "../support/start-cluster.ts";
import { tempDir } from "../support/temp-dir.ts";
import "../support/tenon.ts";
import { needs } from "../support/tools.ts";

/** Makes what all end-to-end tests share: one API server, and one home folder. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await tempDir();
  project.provide("home", home.path);
  const running = await runningCluster();
  const cluster =
    running !== undefined || needs("TENON_TEST_CLUSTER").missing ? undefined : await startCluster();
  project.provide("cluster", running ?? cluster?.info);
  return async () => {
    await cluster?.[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  };
}

/** A cluster that goes on between runs; TENON_TEST_RUNNING names the file that tells where it is. */
async function runningCluster(): Promise<ClusterInfo | undefined> {
  const file = process.env["TENON_TEST_RUNNING"];
  return file === undefined ? undefined : (JSON.parse(await readFile(file, "utf8")) as ClusterInfo);
}
