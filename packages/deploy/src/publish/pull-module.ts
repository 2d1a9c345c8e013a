import { pullModuleTo } from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { artifactRef } from "../source/open-artifact.ts";
import type { ModuleRequest } from "../source/open-module.ts";
import { layerCacheOf, openRegistry } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";

/** A module that was unpacked into a folder. */
export interface PulledModule {
  /** `oci://registry/repository`. */
  readonly repository: string;
  readonly version: string;
  readonly digest: string;
  readonly output: string;
}

/**
 * Downloads a module, verifies it and unpacks it into a folder: all of it or nothing.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`, `DEPLOY_VERSION_NOT_FOUND`
 * @throws OciError as `pullModuleTo`
 */
export async function pullModule(
  context: DeployContext,
  request: Omit<ModuleRequest, "location"> & { readonly url: string; readonly output: string },
): Promise<PulledModule> {
  await using open = openRegistry(context, request.url, request.creds);
  const pulled = await pullModuleTo(
    open.registry,
    await artifactRef(context, open, request),
    request.output,
    {
      signal: context.signal,
      cache: layerCacheOf(context),
      onProgress: (event) => reportTransfer(context, "pull", event),
    },
  );
  return {
    repository: open.name,
    version: pulled.version,
    digest: pulled.digest,
    output: request.output,
  };
}
