import type { TestProject } from "vitest/node";

import "../support/shared-cluster.ts";
import { startCluster } from "../support/start-cluster.ts";
import { tempDir } from "../support/temp-dir.ts";
import "../support/tenon.ts";
import { needs } from "../support/tools.ts";

/** Makes what all end-to-end tests share: one API server, and one home folder. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await tempDir();
  project.provide("home", home.path);
  const cluster = needs("TENON_TEST_CLUSTER").missing ? undefined : await startCluster();
  project.provide("cluster", cluster?.info);
  return async () => {
    await cluster?.[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  };
}
