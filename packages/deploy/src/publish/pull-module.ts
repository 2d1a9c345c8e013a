import path from "node:path";

import { type TrustedSigner, pullModuleTo } from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { signedRef } from "../signing/require-signature.ts";
import { artifactRef, trustSubject } from "../source/open-artifact.ts";
import type { ModuleRequest } from "../source/open-module.ts";
import { layerCacheOf, openRegistry } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";
import { checkTrust } from "../trust/check-trust.ts";
import { policyFile } from "../trust/find-trust-policy.ts";

/** A module that was unpacked into a folder. */
export interface PulledModule {
  /** `oci://registry/repository`. */
  readonly repository: string;
  readonly version: string;
  readonly digest: string;
  readonly output: string;
}

/** A module to download. */
export interface PullModuleRequest extends Omit<ModuleRequest, "location"> {
  /** `oci://registry/repository`. */
  readonly url: string;
  /** Folder to unpack into. */
  readonly output: string;
  /** Who must have signed it; nobody unless given. */
  readonly signer?: TrustedSigner | undefined;
}

/**
 * Downloads a module, verifies it and unpacks it into a folder: all of it or nothing, but never a trust policy.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`, `DEPLOY_VERSION_NOT_FOUND`, `DEPLOY_SIGNATURE_MISSING`,
 * `DEPLOY_SIGNATURE_REJECTED`, and as `checkTrust`
 * @throws OciError as `pullModuleTo` and `verifySignatures`
 */
export async function pullModule(
  context: DeployContext,
  request: PullModuleRequest,
): Promise<PulledModule> {
  await using open = openRegistry(context, request.url, request.creds);
  const { signer } = request;
  const wanted = await artifactRef(context, open, request);
  const ref = signer === undefined ? wanted : await signedRef(context, open, wanted, signer);
  const pulled = await pullModuleTo(open.registry, ref, request.output, {
    signal: context.signal,
    // Who works in the folder would have the publisher's policy in place of their own; disks may not know case.
    isWanted: (file) => path.basename(file).toLowerCase() !== policyFile,
    cache: layerCacheOf(context),
    onProgress: (event) => reportTransfer(context, "pull", event),
    onResolved: ({ digest, version }) =>
      checkTrust(context, open, { ...trustSubject(wanted, request.version), digest, version }),
  });
  return {
    repository: open.name,
    version: pulled.version,
    digest: pulled.digest,
    output: request.output,
  };
}
