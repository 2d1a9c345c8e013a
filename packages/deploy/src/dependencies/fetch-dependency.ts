import path from "node:path";

import { sha256 } from "@tenon/core";
import {
  createLayerCache,
  formatRepository,
  type Descriptor,
  type Manifest,
  parseManifest,
  parseReference,
  readLayer,
} from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { checkLockedCueModule, isLocked } from "../lock/lock-mismatch.ts";
import { openRegistry } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";
import { checkTrust } from "../trust/check-trust.ts";
import type { RequiredModule } from "./add-dependencies.ts";
import { cueLogin } from "./cue-login.ts";
import type { CueRegistry } from "./cue-registry.ts";
import { invalid, unavailable, unlocated } from "./dependency-error.ts";
import { manifestCache } from "./manifest-cache.ts";

// The form of CUE modules in registries: https://cuelang.org/docs/reference/modules/
const moduleType = "application/vnd.cue.module.v1+json";
const archiveType = "application/zip";
const maxArchiveBytes = 100 * 1024 * 1024;

/**
 * Fetches a module that another one requires: what the cache holds is not asked for again, as a
 * version of a CUE module does not change.
 *
 * @throws DeployError `DEPLOY_CUE_MODULE_UNAVAILABLE`, `DEPLOY_CUE_MODULE_INVALID`, and as `checkTrust`
 */
export async function fetchDependency(
  context: DeployContext,
  wanted: RequiredModule,
  registry: CueRegistry,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { location, path: name, version } = wanted;
  if (location === undefined) throw unlocated(wanted, registry);
  const { signal } = context;
  const folder = context.cacheDir && path.join(context.cacheDir, "cue");
  const known = folder === undefined ? undefined : manifestCache(folder);
  const url = `oci://${location.host}/${location.repository}:${location.tag}`;
  const found = await known?.find(url);
  const cached = found && isLocked(context, wanted, found) ? found : undefined;
  let manifest: Manifest["bytes"];
  let content: Uint8Array;
  try {
    const login = await cueLogin(context, location.host);
    await using open = openRegistry(inRegistry(context, location), url, login);
    const { repository } = open.reference;
    manifest =
      cached ?? (await open.registry.readManifest(repository, location.tag, { signal })).bytes;
    checkLockedCueModule(context, wanted, manifest);
    const { tag } = location;
    await checkTrust(context, open, { digest: sha256(manifest), tag });
    const archive = archiveOf(manifest);
    if (typeof archive === "string") throw invalid(wanted, archive);
    content = await readLayer(open.registry, repository, archive, {
      signal,
      maxBytes: maxArchiveBytes,
      cache: folder === undefined ? undefined : createLayerCache(folder, ".zip"),
      onProgress: (event) => reportTransfer(context, "pull", event),
    });
  } catch (cause) {
    throw unavailable(wanted, cause);
  }
  const unpacked = await context.engine.unpackModule({ path: name, version, content }, { signal });
  if (!unpacked.ok) throw invalid(wanted, unpacked.reason);
  if (cached === undefined) await known?.store(url, manifest);
  context.onFetched?.({
    role: "dependency",
    repository: formatRepository(parseReference(url)),
    tag: location.tag,
    digest: sha256(manifest),
    annotations: {},
    insecure: location.insecure,
  });
  return unpacked.files;
}

function inRegistry(
  context: DeployContext,
  { insecure }: NonNullable<RequiredModule["location"]>,
): DeployContext {
  return { ...context, insecureRegistry: context.insecureRegistry === true || insecure === true };
}

/** The layer with the archive of a module, or why there is none. */
function archiveOf(manifest: Uint8Array): Descriptor | string {
  const { config, layers } = parseManifest(manifest);
  const type = config?.mediaType ?? "";
  if (type !== moduleType) return `it is no CUE module: its config is of type ${type || "none"}`;
  const [archive] = layers;
  if (archive?.mediaType === archiveType) return archive;
  return `its first layer is of type ${archive?.mediaType || "none"} and not ${archiveType}`;
}
