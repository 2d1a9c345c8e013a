import { type TrustedSigner, pullModuleTo } from "@tenon/oci";

import { signedRef } from "../signing/require-signature.ts";
import { trustSubject } from "../source/open-artifact.ts";
import { type RegistryContext, openRegistry, referenced } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";
import { checkTrust } from "../trust/check-trust.ts";

/** An artifact, and where to unpack it. */
export interface PullFilesRequest {
  /** `oci://registry/repository`, with a tag or a digest; `latest` unless given. */
  readonly url: string;
  readonly output: string;
  /** Take only the layers that say that they hold this; all unless given. */
  readonly contentType?: string | undefined;
  /** Who must have signed it; nobody unless given. */
  readonly signer?: TrustedSigner | undefined;
  readonly creds?: string | undefined;
}

/**
 * Downloads an artifact, verifies it and unpacks it into a folder: all of it or nothing. The cache is for
 * modules, and is not used.
 *
 * @returns the digest of the artifact
 * @throws DeployError `DEPLOY_SIGNATURE_MISSING`, `DEPLOY_SIGNATURE_REJECTED`, and as `checkTrust`
 * @throws OciError as `pullModuleTo` and `verifySignatures`
 */
export async function pullFiles(
  context: RegistryContext,
  request: PullFilesRequest,
): Promise<string> {
  await using open = openRegistry(context, request.url, request.creds);
  const { signer } = request;
  const wanted = referenced(open.reference);
  const ref = signer === undefined ? wanted : await signedRef(context, open, wanted, signer);
  const { digest } = await pullModuleTo(open.registry, ref, request.output, {
    contentType: request.contentType,
    signal: context.signal,
    onProgress: (event) => reportTransfer(context, "pull", event),
    onResolved: ({ digest: found, version }) =>
      checkTrust(context, open, { ...trustSubject(wanted, undefined), digest: found, version }),
  });
  return digest;
}
