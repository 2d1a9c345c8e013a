import type { TestProject } from "vitest/node";

import { startCluster } from "../support/start-cluster.ts";
import "../support/shared-cluster.ts";
import { needs } from "../support/tools.ts";

/** Starts the one API server that all end-to-end tests share. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (needs("TENON_TEST_CLUSTER").missing) {
    project.provide("cluster", undefined);
    return undefined;
  }
  const cluster = await startCluster();
  project.provide("cluster", cluster.info);
  return async () => cluster[Symbol.asyncDispose]();
}
