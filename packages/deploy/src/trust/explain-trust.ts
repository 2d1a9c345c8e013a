import type { ArtifactRequest } from "../artifact/inspect-artifact.ts";
import { readReferenced } from "../artifact/read-referenced.ts";
import { type RegistryContext, openRegistry, referenced } from "../source/open-registry.ts";
import { type DescribedRule, describeRule } from "./describe-rule.ts";
import { judge } from "./judge.ts";
import { loadTrustPolicy } from "./load-trust-policy.ts";

/** Whether an artifact is trusted, and why. */
export interface TrustExplanation {
  /** `oci://registry/repository`. */
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest: string;
  readonly trusted: boolean;
  readonly reason: string;
  /** The policy file; nothing where none is in force. */
  readonly policy?: string | undefined;
  /** The rule that decided; nothing where none matches. */
  readonly rule?: DescribedRule | undefined;
  readonly signatures: readonly ExplainedSignature[];
}

/** A signature, and what it is worth. */
export interface ExplainedSignature {
  /** Manifest that carries it. */
  readonly digest: string;
  readonly format: string;
  /** Name of the signer, as the policy gives it. */
  readonly signer?: string | undefined;
  /** Why it proves nothing. */
  readonly reason?: string | undefined;
}

/**
 * Tells whether an artifact is trusted, which rule decided, and what each of its signatures is worth.
 *
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID`
 * @throws OciError as `Registry.readManifest` and `verifySignatures`
 */
export async function explainTrust(
  context: RegistryContext,
  { url, creds }: ArtifactRequest,
): Promise<TrustExplanation> {
  const policy = await loadTrustPolicy(context);
  await using open = openRegistry(context, url, creds);
  const { descriptor } = await readReferenced(context, open);
  const { digest } = descriptor;
  const found = { repository: open.name, tag: referenced(open.reference).tag, digest };
  if (policy === undefined) {
    return { ...found, trusted: true, reason: "no trust policy is in force", signatures: [] };
  }
  const { trusted, reason, rule, signatures } = await judge(context, policy, open, digest);
  const { verified = [], rejected = [] } = signatures ?? {};
  const described = rule && describeRule(rule);
  return {
    ...found,
    trusted,
    reason,
    policy: policy.file,
    rule: described,
    signatures: [
      ...verified.map((one) => ({
        digest: one.digest,
        format: one.format,
        signer: described?.signers[one.signer],
      })),
      ...rejected,
    ],
  };
}
