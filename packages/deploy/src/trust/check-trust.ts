import type { Digest } from "@tenon/core";

import type { OpenRegistry, RegistryContext } from "../source/open-registry.ts";
import { checkTag } from "./check-tag.ts";
import { type TrustPlace, judge } from "./judge.ts";
import { loadTrustPolicy } from "./load-trust-policy.ts";
import { ruleFor } from "./trust-policy.ts";
import { untrusted } from "./untrusted.ts";

/** An artifact whose manifest is known, and whose content is about to be used. */
export interface FoundArtifact {
  /** Computed over the manifest that was received. */
  readonly digest: Digest;
  /** The tag that led to it, if one did. */
  readonly tag?: string | undefined;
  /** `latest` or the range that the tag was chosen by. */
  readonly asked?: string | undefined;
  /** The user named the digest: a tag that moved there was meant to. */
  readonly isPinned?: boolean | undefined;
  /** The version that the artifact says it is. */
  readonly version?: string | undefined;
}

/**
 * Checks that an artifact may be used. It is asked on each run, also for what the cache holds.
 *
 * @throws DeployError `DEPLOY_UNTRUSTED`, `DEPLOY_TAG_MOVED`, `DEPLOY_TRUST_POLICY_INVALID`
 * @throws OciError as `verifySignatures`
 */
export async function checkTrust(
  context: RegistryContext,
  open: TrustPlace & Pick<OpenRegistry, "name">,
  found: FoundArtifact,
): Promise<void> {
  const policy = await loadTrustPolicy(context);
  if (policy !== undefined) {
    const verdict = await judge(context, policy, open, found.digest);
    if (!verdict.trusted) throw untrusted(policy, open, found, verdict);
  }
  const rule = policy && ruleFor(policy, open.reference);
  await checkTag(context, open, found, rule?.immutableTags === true ? rule : undefined);
}
