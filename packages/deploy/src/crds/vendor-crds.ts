import { suggest } from "@tenon/core";
import { listDefinitionNames, readDefinitions } from "@tenon/kube";
import { type CrdSource, readCrds, requireCueModule, vendorCrds as writeCrds } from "@tenon/schema";

import { type ClusterRequest, openCluster } from "../apply/open-cluster.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { readUserFile } from "../source/read-user-file.ts";
import { download } from "./download.ts";

/** Which CustomResourceDefinitions go to which module. */
export interface VendorCrdsRequest {
  readonly moduleDir: string;
  /** Paths, `https://` URLs, and `-` for standard input. */
  readonly files: readonly string[];
  readonly stdin?: (() => Promise<Uint8Array>) | undefined;
  /** Take those of the cluster as well. */
  readonly fromCluster?: boolean | undefined;
  /** Names of definitions; all without names and groups. */
  readonly names?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly cluster?: ClusterRequest["cluster"];
  /** The command line that makes the packages again. */
  readonly command: string;
}

/** A version of a definition that is now a CUE package. */
export interface VendoredCrd {
  /** Name of the definition. */
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly version: string;
  /** Import path. */
  readonly path: string;
}

/**
 * Writes CustomResourceDefinitions as CUE packages into a module.
 *
 * @throws SchemaError `SCHEMA_MODULE_INVALID`, `SCHEMA_CRD_INVALID`
 * @throws DeployError `DEPLOY_CRDS_UNREADABLE`, and as `download`
 * @throws KubeError as `readDefinitions`
 */
export async function vendorCrds(
  context: DeployContext,
  request: VendorCrdsRequest,
): Promise<VendoredCrd[]> {
  const { moduleDir, names, groups, command } = request;
  const { engine, signal } = context;
  await requireCueModule(moduleDir);
  const sources = await readSources(context, request);
  const packages = await readCrds(engine, sources, { names, groups, signal });
  await writeCrds(packages, { moduleDir, command, signal });
  return packages.map(({ name, group, kind, version, path }) => ({
    name,
    group,
    kind,
    version,
    path,
  }));
}

async function readSources(
  context: DeployContext,
  request: VendorCrdsRequest,
): Promise<CrdSource[]> {
  const { files, fromCluster, stdin } = request;
  if (files.filter((file) => file === "-").length > 1) {
    throw unreadable("standard input was given twice", { hint: "Give -f - once" });
  }
  const given = await Promise.all(
    files.map(async (file) => {
      if (file === "-") {
        return { name: "standard input", content: (await stdin?.()) ?? new Uint8Array() };
      }
      const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(file);
      return isUrl ? await download(context, file) : { name: file, content: await readOne(file) };
    }),
  );
  return fromCluster === true ? [...given, ...(await readCluster(context, request))] : given;
}

function readOne(file: string): Promise<Uint8Array> {
  return readUserFile(file, (reason, cause) =>
    unreadable(`${file}: ${reason}`, { hint: "Check the path given with -f", cause }),
  );
}

async function readCluster(
  context: DeployContext,
  { names = [], groups = [], cluster }: VendorCrdsRequest,
): Promise<CrdSource[]> {
  const { signal } = context;
  await using client = await openCluster(context, { cluster });
  const known = await listDefinitionNames(client, { signal });
  requireKnown(names, known);
  const all = names.length === 0 && groups.length === 0;
  const wanted = known.filter(
    (name) => all || names.includes(name) || groups.includes(name.slice(name.indexOf(".") + 1)),
  );
  const texts = await readDefinitions(client, wanted, { signal });
  return texts.map((text, index) => ({
    name: `${wanted[index]} of the cluster`,
    content: Buffer.from(text),
  }));
}

function requireKnown(names: readonly string[], known: readonly string[]): void {
  const missing = names.find((name) => !known.includes(name));
  if (missing === undefined) return;
  const close = suggest(missing, known);
  throw unreadable(`the cluster has no CustomResourceDefinition ${missing}`, {
    hint: close === undefined ? "List them with kubectl get crd" : `Did you mean ${close}?`,
  });
}

function unreadable(
  reason: string,
  options: { readonly hint: string; readonly cause?: unknown },
): DeployError {
  const message = `Cannot read CustomResourceDefinitions: ${reason}`;
  return new DeployError("DEPLOY_CRDS_UNREADABLE", message, options);
}
