import { DeployError } from "../errors.ts";
import type { RegistryContext } from "../source/open-registry.ts";
import { type DescribedRule, describeRule } from "./describe-rule.ts";
import { loadTrustPolicy } from "./load-trust-policy.ts";
import { readTrustPolicy } from "./read-trust-policy.ts";

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
  if (policy !== undefined) return { file: policy.file, rules: policy.rules.map(describeRule) };
  throw new DeployError(
    "DEPLOY_TRUST_POLICY_INVALID",
    "Cannot find a trust policy: no folder up from here has a tenon.trust.yaml, and the user has none",
    { hint: "Name the file; docs/trust.md describes it" },
  );
}
