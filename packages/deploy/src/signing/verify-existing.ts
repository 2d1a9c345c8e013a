import type { SignatureReport } from "@tenon/oci";

import type { ArtifactId, ArtifactRequest } from "../artifact/inspect-artifact.ts";
import { readReferenced } from "../artifact/read-referenced.ts";
import { type RegistryContext, openRegistry, referenced } from "../source/open-registry.ts";
import { requireSignature } from "./require-signature.ts";
import { type SignerRequest, readTrustedSigner } from "./trusted-signers.ts";

/** An artifact to verify, and who must have signed it. */
export interface VerifyRequest extends ArtifactRequest {
  readonly signer: SignerRequest;
  /** Type of attestations to demand in place of a signature. */
  readonly predicateType?: string | undefined;
}

/** An artifact that is signed, with what its signatures are worth. */
export interface VerifiedArtifact extends ArtifactId, SignatureReport {}

/**
 * Fails unless who is trusted has signed the digest that a reference means now.
 *
 * @throws DeployError `DEPLOY_KEY_UNREADABLE`, `DEPLOY_SIGNATURE_MISSING`, `DEPLOY_SIGNATURE_REJECTED`
 * @throws OciError as `Registry.readManifest` and `verifySignatures`
 */
export async function verifyExisting(
  context: RegistryContext,
  { url, creds, signer: request, predicateType }: VerifyRequest,
): Promise<VerifiedArtifact> {
  const signer = await readTrustedSigner(context, request);
  await using open = openRegistry(context, url, creds);
  const { digest } = (await readReferenced(context, open)).descriptor;
  const report = await requireSignature(context, open, { digest, signer, predicateType });
  return { repository: open.name, tag: referenced(open.reference).tag, digest, ...report };
}
