import { hasCode } from "@tenon/core";

import { DeployError } from "../errors.ts";
import type { TrustRule } from "./trust-policy.ts";

/** What is wrong with a trusted root says which rule names it; other errors stay as they are. */
export function atRule({ at, prefix }: TrustRule, error: unknown): unknown {
  if (!hasCode(error, "OCI_TRUSTED_ROOT_INVALID")) return error;
  const { message, hint } = error;
  return new DeployError(
    "DEPLOY_TRUST_POLICY_INVALID",
    `Cannot use trust policy ${at.file}: ${message.replace(/^Cannot/, "cannot")}`,
    {
      diagnostics: [{ text: `the rule for ${prefix} names it`, positions: [at] }],
      hint,
      cause: error,
    },
  );
}
