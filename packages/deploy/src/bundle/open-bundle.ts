import { access, stat } from "node:fs/promises";
import path from "node:path";

import {
  type Bundle,
  type CueFile,
  type ModuleFiles,
  type ReadBundleRequest,
  type RuntimeCluster,
  type RuntimeQuery,
  readBundle,
  readFiles,
  readRuntime,
  selectClusters,
} from "@tenon/schema";

import type { ClusterRequest } from "../apply/open-cluster.ts";
import type { DeployContext } from "../context.ts";
import { withDependencies } from "../dependencies/index.ts";
import { checkLocked } from "../lock/check-locked.ts";
import type { LockRequest } from "../lock/with-lock.ts";
import { once } from "./once.ts";
import { readDeclarations, unreadable } from "./read-declarations.ts";
import { readRuntimeValues } from "./runtime-values.ts";

/** Which bundle, and for which clusters. */
export interface BundleRequest extends Omit<LockRequest, "files"> {
  /** CUE, YAML, JSON and TypeScript files that are unified; `-` is standard input, in CUE. */
  readonly files: readonly string[];
  /** Files of the runtime; without any, the bundle goes to one cluster. */
  readonly runtimes?: readonly string[] | undefined;
  /** Environment variables are values of the runtime; those of a cluster win. */
  readonly runtimeFromEnv?: boolean | undefined;
  /** Name of the cluster of the runtime; all unless given. */
  readonly cluster?: string | undefined;
  /** Name of the group of clusters of the runtime; all unless given. */
  readonly group?: string | undefined;
  /** Folder whose CUE module the files may import from; the current one unless given. */
  readonly workdir?: string | undefined;
  /** Reads standard input to its end. */
  readonly stdin?: (() => Promise<Uint8Array>) | undefined;
  /** Contents in place of those of files, by name; a TypeScript file is run as it is. */
  readonly edited?: ReadonlyMap<string, Uint8Array> | undefined;
  readonly kube?: ClusterRequest["cluster"];
}

/** A bundle as it is for one cluster. */
export interface OpenedBundle {
  readonly cluster: RuntimeCluster;
  readonly bundle: Bundle;
}

/**
 * Evaluates a bundle for each of the selected clusters, in the order of declaration.
 *
 * @throws SchemaError `SCHEMA_BUNDLE_INVALID`, `SCHEMA_RUNTIME_INVALID`
 * @throws DeployError `DEPLOY_BUNDLE_UNREADABLE`, and as `withDependencies`
 * @throws SchemaError, DeployError, KubeError as `readRuntimeValues`
 */
export async function openBundle(
  context: DeployContext,
  request: BundleRequest,
): Promise<readonly OpenedBundle[]> {
  const { engine, signal } = context;
  if (request.files.length === 0)
    throw unreadable("no file is given", "Give one with -f bundle.cue");
  if ([...request.files, ...(request.runtimes ?? [])].filter((name) => name === "-").length > 1)
    throw unreadable("standard input was given twice", "Give - once");
  const files = await readDeclarations(context, request.files, {
    stdin: request.stdin,
    edited: request.edited,
    what: "bundle",
  });
  const { all: clusters, selected, queries } = await openRuntime(context, request);
  const imports = await findModule(context, request.workdir ?? ".", files);
  const opened = new Map<string, Promise<Bundle>>();
  const all = await Promise.all(
    selected.map(async (cluster) => {
      const runtimeValues = await valuesFor(context, { files, cluster, queries, request });
      const bundle = await once(opened, JSON.stringify(runtimeValues), () =>
        readBundle(engine, { files, ...imports, runtimeValues }, { signal }),
      );
      rejectUnknownClusters(bundle, clusters);
      return { cluster, bundle };
    }),
  );
  await followLock(context, request, all);
  return all;
}

async function followLock(
  context: DeployContext,
  { cluster, group }: BundleRequest,
  bundles: readonly OpenedBundle[],
): Promise<void> {
  const { lock } = context;
  lock?.bind([...new Set(bundles.map(({ bundle }) => bundle.name))]);
  // What other clusters use is not known where only some are selected.
  const whole = cluster === undefined && group === undefined;
  if (lock?.strict === true) await checkLocked({ ...context, lock }, bundles, { whole });
}

/** What fields of the bundle can take; nothing where they take nothing. */
async function valuesFor(
  context: DeployContext,
  {
    files,
    cluster,
    queries,
    request: { runtimeFromEnv, kube },
  }: {
    readonly files: readonly CueFile[];
    readonly cluster: RuntimeCluster;
    readonly queries: readonly RuntimeQuery[];
    readonly request: BundleRequest;
  },
): Promise<Readonly<Record<string, string>> | undefined> {
  const takes = files.some(({ content }) => Buffer.from(content).includes("@timoni(runtime:"));
  if (!takes) return undefined;
  const environment = runtimeFromEnv === true ? Object.entries(context.env) : [];
  const values = await readRuntimeValues(context, cluster, { queries, kube });
  return Object.fromEntries([
    ...environment.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ...[...values].map(([name, { value }]) => [name, value]),
  ]) as Record<string, string>;
}

/** A runtime with the clusters of it that a request selects. */
export interface OpenedRuntime {
  readonly all: readonly RuntimeCluster[];
  readonly selected: readonly RuntimeCluster[];
  readonly queries: readonly RuntimeQuery[];
}

/**
 * Evaluates a runtime; without files of one there is the cluster of the kubeconfig alone. No cluster
 * is asked.
 *
 * @throws SchemaError `SCHEMA_RUNTIME_INVALID`
 * @throws DeployError `DEPLOY_BUNDLE_UNREADABLE`
 */
export async function openRuntime(
  context: DeployContext,
  request: Omit<BundleRequest, "files">,
): Promise<OpenedRuntime> {
  const { engine, signal } = context;
  const files = await readDeclarations(context, request.runtimes ?? [], {
    stdin: request.stdin,
    what: "runtime",
  });
  const imports = await findModule(context, request.workdir ?? ".", files);
  const { clusters: all, queries } =
    files.length === 0
      ? { clusters: [], queries: [] }
      : await readRuntime(engine, { files, ...imports }, { signal });
  return { all, selected: selectClusters(all, request), queries };
}

/** The CUE module around the working folder, where a file imports something. */
async function findModule(
  context: DeployContext,
  workdir: string,
  files: readonly CueFile[],
): Promise<Pick<ReadBundleRequest, "module" | "dir">> {
  const isFolder = await stat(workdir).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) throw unreadable(`there is no folder ${workdir} to work in`, "Check --workdir");
  const imports = files.some(({ content }) =>
    /^\s*import\b/m.test(Buffer.from(content).toString()),
  );
  const root = imports ? await moduleRoot(path.resolve(workdir)) : undefined;
  if (root === undefined) return {};
  // Messages name its files as they are seen from here.
  const { signal } = context;
  const module: ModuleFiles = await readFiles(path.relative("", root) || ".", { signal });
  const complete = await withDependencies(context, module);
  return {
    module: complete,
    dir: path.relative(root, path.resolve(workdir)).split(path.sep).join("/"),
  };
}

async function moduleRoot(dir: string): Promise<string | undefined> {
  for (let at = dir; ; at = path.dirname(at)) {
    const found = await access(path.join(at, "cue.mod/module.cue")).then(
      () => true,
      () => false,
    );
    if (found) return at;
    if (path.dirname(at) === at) return undefined;
  }
}

function rejectUnknownClusters({ name, waves }: Bundle, clusters: readonly RuntimeCluster[]): void {
  const known = new Set(clusters.map((cluster) => cluster.name));
  for (const wave of waves) {
    const unknown = (wave.clusters ?? []).filter((cluster) => !known.has(cluster));
    if (clusters.length === 0 || unknown.length === 0) continue;
    throw unreadable(
      `wave ${wave.name} of bundle ${name} names cluster ${unknown[0]}, which the runtime has not`,
      `The runtime has ${[...known].join(", ")}`,
    );
  }
}
