import { mkdir } from "node:fs/promises";
import path from "node:path";

import { type HeldLock, unwritable, VENDOR_FOLDER, withFileLock } from "@tenon/oci";

import { type BundleRequest, openBundle } from "../bundle/open-bundle.ts";
import type { DeployContext } from "../context.ts";
import { openAll } from "../lock/check-locked.ts";
import { withLock } from "../lock/with-lock.ts";
import { needNetwork } from "../source/offline-registry.ts";
import { type ModuleRequest, openModule } from "../source/open-module.ts";
import { reportTransfer } from "../source/report-transfer.ts";
import { pruneVendored } from "./prune-vendored.ts";
import { readVendoredList, referencesTo, writeVendoredList } from "./vendored-list.ts";
import { VendoringRegistries } from "./vendoring-registry.ts";

/** What to vendor: the modules of a bundle, or one module. */
export type VendorRequest = { readonly bundle: BundleRequest } | { readonly module: ModuleRequest };

/** What a folder holds after {@link vendorModules}. */
export interface VendorReport {
  readonly dir: string;
  /** `bundle shop`, or `module example.com/app`. */
  readonly user: string;
  /** References with digests of all artifacts for it, CUE modules included; sorted. */
  readonly artifacts: readonly string[];
  /** Those that nothing in the folder was for before. */
  readonly added: readonly string[];
  /** Those that nothing is for any more, and that are gone. */
  readonly removed: readonly string[];
}

/**
 * Writes all that a bundle or a module needs of registries into a folder of OCI layouts, where it is
 * found with `offline`: the artifacts, what refers to them, and the CUE modules that they require. What is
 * there already is checked and not moved again; what nothing needs any more is deleted. Runs in the same
 * folder wait for each other, 30 seconds at most.
 *
 * @throws SchemaError, OciError, DeployError as `openBundle` and `openModule`;
 * DeployError `DEPLOY_VENDOR_INVALID`, `DEPLOY_OFFLINE`; OciError `OCI_OUTPUT_UNWRITABLE`, and as `withFileLock`
 */
export async function vendorModules(
  given: DeployContext,
  request: VendorRequest,
): Promise<VendorReport> {
  needNetwork(given, "vendor modules");
  const context = "bundle" in request ? await withLock(given, request.bundle) : given;
  const { vendorDir: dir = VENDOR_FOLDER, signal } = context;
  try {
    await mkdir(dir, { recursive: true });
    // What one run has brought and not yet listed, another one would delete.
    return await withFileLock(path.join(dir, ".lock"), signal, (lock) =>
      vendorInto(dir, { context, request, lock }),
    );
  } catch (error) {
    throw unwritable(error, dir);
  }
}

async function vendorInto(
  dir: string,
  {
    context,
    request,
    lock,
  }: {
    readonly context: DeployContext;
    readonly request: VendorRequest;
    readonly lock: HeldLock;
  },
): Promise<VendorReport> {
  const { signal } = context;
  await using registries = new VendoringRegistries(dir);
  // What a cache has would not be read of a registry, and so not be vendored.
  const vendoring: DeployContext = {
    ...context,
    cacheDir: undefined,
    wrapRegistry: (open) => registries.wrap(open),
  };
  const { user, isPart } = await openNeeded(vendoring, request);
  const copy = (): Promise<void> =>
    registries.copyAll({
      signal,
      onProgress: (event) => reportTransfer(context, "pull", event),
    });
  await copy();
  const before = await readVendoredList(dir);
  const kept = isPart ? (before.get(user) ?? []) : [];
  const found = registries.artifacts.flatMap(referencesTo);
  const artifacts = [...new Set([...kept, ...found])].toSorted();
  const after = new Map(before).set(user, artifacts);
  await lock.check();
  await writeVendoredList(dir, after);
  const [old, young] = [before, after].map((list) => new Set([...list.values()].flat()));
  const lists = { before: [...old!], kept: [...young!] };
  const prune = (): Promise<boolean> => pruneVendored(dir, lists, { signal });
  if (await prune()) {
    await copy();
    await prune();
  }
  const added = artifacts.filter((one) => !old!.has(one));
  const removed = [...old!].filter((one) => !young!.has(one));
  return { dir, user, artifacts, added, removed };
}

/** Opens everything that is needed, so that it is read, and tells what it is for. */
async function openNeeded(
  context: DeployContext,
  request: VendorRequest,
): Promise<{ readonly user: string; readonly isPart: boolean }> {
  if ("module" in request) {
    const { location, version, digest } = request.module;
    const { name } = await openModule(context, request.module);
    // A folder has another path for each who looks at it.
    const words = location.startsWith("oci://") ? [location, version, digest] : [name];
    return { user: ["module", ...words].filter(Boolean).join(" "), isPart: false };
  }
  const { creds, cluster, group } = request.bundle;
  const opened = await openBundle(context, request.bundle);
  const instances = opened.flatMap(({ bundle }) => bundle.instances);
  const modules = context.lock?.opened ?? new Map();
  await openAll(context, instances, { opened: modules, creds });
  const isPart = cluster !== undefined || group !== undefined;
  return { user: `bundle ${opened[0]!.bundle.name}`, isPart };
}
