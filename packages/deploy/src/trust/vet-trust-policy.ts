import { checkTrustedRoot } from "@tenon/oci";

import { DeployError } from "../errors.ts";
import type { RegistryContext } from "../source/open-registry.ts";
import { atRule } from "./at-rule.ts";
import { type DescribedRule, describeRule } from "./describe-rule.ts";
import { loadTrustPolicy } from "./load-trust-policy.ts";
import { readTrustPolicy } from "./read-trust-policy.ts";
import type { TrustRule } from "./trust-policy.ts";

/** A trust policy that can be used. */
export interface VettedTrustPolicy {
  readonly file: string;
  readonly rules: readonly DescribedRule[];
}

/**
 * Reads a trust policy with the keys and trusted roots that it names.
 *
 * @param file the one that is in force unless given
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID`
 */
export async function vetTrustPolicy(
  context: RegistryContext,
  file: string | undefined,
): Promise<VettedTrustPolicy> {
  const policy = file === undefined ? await loadTrustPolicy(context) : await readTrustPolicy(file);
  if (policy !== undefined) {
    await Promise.all(policy.rules.map(checkRoots));
    return { file: policy.file, rules: policy.rules.map(describeRule) };
  }
  throw new DeployError(
    "DEPLOY_TRUST_POLICY_INVALID",
    "Cannot find a trust policy: no folder up from here has a tenon.trust.yaml, and the user has none",
    { hint: "Name the file; docs/trust.md describes it" },
  );
}

/** A run looks at the roots of the rule that decides, as that takes time. */
async function checkRoots(rule: TrustRule): Promise<void> {
  const { demand } = rule;
  if (typeof demand === "string") return;
  for (const { signer } of demand.signers) {
    if (signer.kind !== "identity") continue;
    await checkTrustedRoot(signer.trustedRoot).catch((error: unknown) => {
      throw atRule(rule, error);
    });
  }
}
