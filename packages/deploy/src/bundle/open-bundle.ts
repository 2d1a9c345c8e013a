import { access, readFile } from "node:fs/promises";
import path from "node:path";

import {
  type Bundle,
  type CueFile,
  type ModuleFiles,
  type ReadBundleRequest,
  type RuntimeCluster,
  readBundle,
  readFiles,
  readRuntime,
  selectClusters,
} from "@tenon/schema";

import type { ClusterRequest } from "../apply/open-cluster.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";

/** Which bundle, and for which clusters. */
export interface BundleRequest {
  /** CUE files that are unified; `-` is standard input. */
  readonly files: readonly string[];
  /** CUE files of the runtime; without any, the bundle goes to one cluster. */
  readonly runtimes?: readonly string[] | undefined;
  /** Name of the cluster of the runtime; all unless given. */
  readonly cluster?: string | undefined;
  /** Name of the group of clusters of the runtime; all unless given. */
  readonly group?: string | undefined;
  /** Folder whose CUE module the files may import from; the current one unless given. */
  readonly workdir?: string | undefined;
  /** Reads standard input to its end. */
  readonly stdin?: (() => Promise<Uint8Array>) | undefined;
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
 * @throws DeployError `DEPLOY_BUNDLE_UNREADABLE`
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
  const files = await readAll(request.files, request.stdin);
  const { all, selected } = await readClusters(context, request);
  const imports = await findModule(request.workdir ?? ".", files, { signal });
  // Nothing in a bundle depends on its cluster as long as it takes no values from it.
  const bundle = await readBundle(engine, { files, ...imports }, { signal });
  rejectUnknownClusters(bundle, all);
  return selected.map((cluster) => ({ cluster, bundle }));
}

/**
 * Finds the clusters that a request selects, without any bundle.
 *
 * @throws SchemaError `SCHEMA_RUNTIME_INVALID`
 * @throws DeployError `DEPLOY_BUNDLE_UNREADABLE`
 */
export async function openClusters(
  context: DeployContext,
  request: Omit<BundleRequest, "files">,
): Promise<readonly RuntimeCluster[]> {
  return (await readClusters(context, request)).selected;
}

async function readClusters(
  { engine, signal }: DeployContext,
  request: Omit<BundleRequest, "files">,
): Promise<{
  readonly all: readonly RuntimeCluster[];
  readonly selected: readonly RuntimeCluster[];
}> {
  const files = await readAll(request.runtimes ?? [], request.stdin);
  const imports = await findModule(request.workdir ?? ".", files, { signal });
  const all =
    files.length === 0
      ? []
      : (await readRuntime(engine, { files, ...imports }, { signal })).clusters;
  return { all, selected: selectClusters(all, request) };
}

async function readAll(
  names: readonly string[],
  stdin: BundleRequest["stdin"],
): Promise<CueFile[]> {
  if (names.filter((name) => name === "-").length > 1) {
    throw unreadable("standard input was given twice", "Give -f - once");
  }
  return Promise.all(
    names.map(async (name) => {
      if (name === "-") {
        const content = (await stdin?.()) ?? new Uint8Array();
        return { name: "stdin.cue", content };
      }
      if (path.extname(name) !== ".cue") {
        throw unreadable(`${name} is no CUE file`, "Files of bundles and runtimes end in .cue");
      }
      return { name, content: await readOne(name) };
    }),
  );
}

async function readOne(name: string): Promise<Uint8Array> {
  try {
    return await readFile(name);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : String(code);
    throw unreadable(`${name}: ${reason}`, "Check the path given with -f or -r", cause);
  }
}

/** The CUE module around the working folder, where a file imports something. */
async function findModule(
  workdir: string,
  files: readonly CueFile[],
  options: { readonly signal?: AbortSignal | undefined },
): Promise<Pick<ReadBundleRequest, "module" | "dir">> {
  const imports = files.some(({ content }) =>
    /^\s*import\b/m.test(Buffer.from(content).toString()),
  );
  const root = imports ? await moduleRoot(path.resolve(workdir)) : undefined;
  if (root === undefined) return {};
  // Messages name its files as they are seen from here.
  const module: ModuleFiles = await readFiles(path.relative("", root) || ".", options);
  return { module, dir: path.relative(root, path.resolve(workdir)).split(path.sep).join("/") };
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

function unreadable(reason: string, hint: string, cause?: unknown): DeployError {
  return new DeployError("DEPLOY_BUNDLE_UNREADABLE", `Cannot read bundle: ${reason}`, {
    hint,
    cause,
  });
}
