import type { Digest } from "@tenon/core";
import {
  type ArtifactRef,
  type RejectedSignature,
  type SignatureReport,
  type TrustedSigner,
  verifySignatures,
} from "@tenon/oci";

import { DeployError } from "../errors.ts";
import { latestTag } from "../source/module-version.ts";
import type { OpenRegistry, RegistryContext } from "../source/open-registry.ts";

/** What must be signed, and by whom. */
export interface SignatureDemand {
  readonly digest: Digest;
  readonly signer: TrustedSigner;
  /** Type of attestations to demand in place of a signature. */
  readonly predicateType?: string | undefined;
}

/**
 * Fails unless a signer has signed an artifact.
 *
 * @throws DeployError `DEPLOY_SIGNATURE_MISSING`, `DEPLOY_SIGNATURE_REJECTED`
 * @throws OciError as `verifySignatures`
 */
export async function requireSignature(
  { signal }: Pick<RegistryContext, "signal">,
  { name, reference, registry }: OpenRegistry,
  { digest, signer, predicateType }: SignatureDemand,
): Promise<SignatureReport> {
  const options = { predicateType, signal };
  const report = await verifySignatures(registry, reference.repository, digest, [signer], options);
  if (report.verified.length > 0) return report;
  const what = predicateType === undefined ? "signature" : `attestation of type ${predicateType}`;
  if (report.rejected.length > 0) throw rejected(`${name}@${digest}`, what, report.rejected);
  throw new DeployError(
    "DEPLOY_SIGNATURE_MISSING",
    `Cannot verify ${name}@${digest}: it has no ${what}`,
    { hint: "Ask who published it for a signature, or sign it with `tenon artifact sign`" },
  );
}

/**
 * Settles what a reference means and fails unless a signer has signed that.
 *
 * @returns a reference by digest: what a tag points to later makes no difference
 * @throws DeployError, OciError as {@link requireSignature} and `Registry.readManifest`
 */
export async function signedRef(
  context: Pick<RegistryContext, "signal">,
  open: OpenRegistry,
  ref: ArtifactRef,
  signer: TrustedSigner,
): Promise<ArtifactRef> {
  const { repository, tag = latestTag } = ref;
  const { signal } = context;
  const digest =
    ref.digest ?? (await open.registry.readManifest(repository, tag, { signal })).descriptor.digest;
  await requireSignature(context, open, { digest, signer });
  return ref.digest === undefined ? { repository, digest } : ref;
}

const maxReasons = 3;

function rejected(
  url: string,
  what: string,
  signatures: readonly RejectedSignature[],
): DeployError {
  const reasons = [...new Set(signatures.map(({ reason }) => reason))];
  const shown = reasons.slice(0, maxReasons).join("; ");
  const more = reasons.length > maxReasons ? "; …" : "";
  const which =
    signatures.length === 1
      ? `its ${what} is refused`
      : `its ${signatures.length} signatures are refused`;
  return new DeployError(
    "DEPLOY_SIGNATURE_REJECTED",
    `Cannot verify ${url}: ${which}: ${shown}${more}`,
    {
      hint: "Do not use it before you know who made it, and with which key",
      details: { signatures },
    },
  );
}
