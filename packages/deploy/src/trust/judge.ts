import type { Digest } from "@tenon/core";
import { type Reference, type Registry, type SignatureReport, verifySignatures } from "@tenon/oci";

import type { RegistryContext } from "../source/open-registry.ts";
import { atRule } from "./at-rule.ts";
import { type SignatureDemand, type TrustPolicy, type TrustRule, ruleFor } from "./trust-policy.ts";

/** What a policy says of an artifact. */
export interface TrustVerdict {
  readonly trusted: boolean;
  /** Why, to stand behind a colon. */
  readonly reason: string;
  /** The rule that decided; nothing where none matches. */
  readonly rule?: TrustRule | undefined;
  /** What was found; nothing where signatures do not matter. */
  readonly signatures?: SignatureReport | undefined;
}

/** Where an artifact is, and what it is called. */
export interface TrustPlace {
  readonly registry: Registry;
  /** Rules are for this name. */
  readonly reference: Pick<Reference, "host" | "repository">;
  /** The repository in the registry; that of the name unless given, as a copy can be elsewhere. */
  readonly repository?: string | undefined;
}

/**
 * Decides about an artifact. Nothing that was decided before is taken for granted.
 *
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID` for a trusted root that is none
 * @throws OciError as `verifySignatures`: what cannot be looked up is not trusted
 */
export async function judge(
  { signal }: Pick<RegistryContext, "signal">,
  policy: TrustPolicy,
  { registry, reference, repository = reference.repository }: TrustPlace,
  digest: Digest,
): Promise<TrustVerdict> {
  const rule = ruleFor(policy, reference);
  if (rule === undefined)
    return { trusted: false, reason: "no rule of the trust policy is for it" };
  const { demand } = rule;
  if (demand === "deny") return { trusted: false, reason: "the trust policy denies it", rule };
  if (demand === "allow") {
    return { trusted: true, reason: "the trust policy allows it, signed or not", rule };
  }
  const signers = demand.signers.map(({ signer }) => signer);
  const signatures = await verifySignatures(registry, repository, digest, signers, {
    signal,
  }).catch((error: unknown) => {
    throw atRule(rule, error);
  });
  const signed = new Set(signatures.verified.map(({ signer }) => signer)).size;
  return {
    trusted: signed >= demand.threshold,
    reason: signatureReason(demand, signatures, signed),
    rule,
    signatures,
  };
}

function signatureReason(
  { signers, threshold }: SignatureDemand,
  { rejected }: SignatureReport,
  signed: number,
): string {
  if (signed >= threshold) return `${signed} of ${signers.length} signers signed it`;
  if (signed > 0) return `${signed} of its signers signed it, and ${threshold} are needed`;
  if (rejected.length === 0) return "it is not signed";
  return `none of its ${rejected.length} signature(s) is by a trusted signer`;
}
