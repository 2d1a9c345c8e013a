import { readFile, readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";

import type { KubeClient } from "@tenon/kube";
import {
  type TestCase,
  type ValuesCoverage,
  fileKind,
  moduleConfig,
  readTestCases,
  valuesCoverage,
} from "@tenon/schema";
import pMap from "p-map";

import { type ClusterRequest, openCluster } from "../apply/open-cluster.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { runCase } from "./run-case.ts";

/** Which module to test, and how. */
export interface TestModuleRequest {
  readonly module: VerifiedModule;
  /** The folder of the module; its tests are in `tests`. */
  readonly folder: string;
  /** Only cases whose names contain this. */
  readonly only?: string | undefined;
  /** Write the snapshots anew. */
  readonly update?: boolean | undefined;
  /** Tell which fields of the values no case sets. */
  readonly coverage?: boolean | undefined;
  /** Sends what is rendered to this cluster, as a dry run. */
  readonly server?: ClusterRequest["cluster"];
}

/** What came of a case. */
export interface CaseResult {
  readonly file: string;
  readonly name: string;
  /** Why it fails; nothing when it passes. */
  readonly error?: unknown;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** What came of the tests of a module. */
export interface TestReport {
  readonly cases: readonly CaseResult[];
  /** When it was asked for. */
  readonly coverage?: ValuesCoverage | undefined;
}

/**
 * Runs the tests of a module: each case is rendered and compared with what it expects, several at a
 * time. A case that fails does not keep the others from running.
 *
 * @throws SchemaError `SCHEMA_TEST_INVALID`
 * @throws DeployError `DEPLOY_TESTS_MISSING`
 * @throws KubeError when a cluster is to be asked and the kubeconfig names none
 */
export async function testModule(
  context: DeployContext,
  request: TestModuleRequest,
): Promise<TestReport> {
  const { only = "", server } = request;
  const cases = (await readCases(context, path.join(request.folder, "tests"))).filter(({ name }) =>
    name.includes(only),
  );
  if (cases.length === 0) {
    throw missing(`no case has ${JSON.stringify(only)} in its name`, "Leave --run away for all");
  }
  const coverage =
    request.coverage === true ? await coverageOf(context, request, cases) : undefined;
  if (server === undefined) return { cases: await runAll(context, request, { cases }), coverage };
  await using client = await openCluster(context, { cluster: server });
  return { cases: await runAll(context, request, { cases, client }), coverage };
}

async function coverageOf(
  { engine, signal }: DeployContext,
  { module }: TestModuleRequest,
  cases: readonly TestCase[],
): Promise<ValuesCoverage> {
  const fields = await moduleConfig(engine, { module, moduleVersion: module.version }, { signal });
  return valuesCoverage(
    fields,
    cases.map(({ values }) => values),
  );
}

function runAll(
  context: DeployContext,
  request: TestModuleRequest,
  { cases, client }: { readonly cases: readonly TestCase[]; readonly client?: KubeClient },
): Promise<CaseResult[]> {
  // What is rendered is told by case.
  const silent = { ...context, onEvent: undefined };
  const run = async (test: TestCase): Promise<CaseResult> => {
    const start = performance.now();
    const error = await runCase(silent, request, { test, client });
    context.signal?.throwIfAborted();
    return { file: test.file.name, name: test.name, error, ms: performance.now() - start };
  };
  return pMap(cases, run, { concurrency: availableParallelism() });
}

async function readCases(
  { engine, signal }: DeployContext,
  folder: string,
): Promise<readonly TestCase[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isFile() && fileKind(entry.name) !== undefined)
    .map(({ name }) => path.join(folder, name))
    .toSorted();
  if (names.length === 0) {
    throw missing(
      `${folder} has no files in CUE, YAML or JSON`,
      "docs/testing.md says what is in them",
    );
  }
  const read = names.map(async (name) =>
    readTestCases(engine, { name, content: await readFile(name) }, { signal }),
  );
  return (await Promise.all(read)).flat();
}

function missing(reason: string, hint: string): DeployError {
  return new DeployError("DEPLOY_TESTS_MISSING", `Cannot test the module: ${reason}`, { hint });
}
