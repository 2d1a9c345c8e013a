import type { Diagnostic } from "@tenon/core";

import { DeployError } from "../errors.ts";
import type { OpenRegistry } from "../source/open-registry.ts";
import type { FoundArtifact } from "./check-trust.ts";
import type { TrustVerdict } from "./judge.ts";
import type { TrustPolicy } from "./trust-policy.ts";

/** The error for what a policy does not accept: the rule, what was found, and what to do. */
export function untrusted(
  policy: TrustPolicy,
  { name }: Pick<OpenRegistry, "name">,
  { digest, tag }: Pick<FoundArtifact, "digest" | "tag">,
  verdict: TrustVerdict,
): DeployError {
  const url = `${name}${tag === undefined ? "" : `:${tag}`}@${digest}`;
  const { reason, rule, signatures } = verdict;
  return new DeployError("DEPLOY_UNTRUSTED", `Cannot trust ${url}: ${reason}`, {
    diagnostics: [ruleDiagnostic(policy, url, verdict), ...signatureDiagnostics(verdict)],
    hint: hintOf(name, url, verdict),
    details: {
      url,
      policy: policy.file,
      rule: rule && { prefix: rule.prefix, line: rule.at.line },
      verified: signatures?.verified.length,
      rejected: signatures?.rejected,
    },
  });
}

/** It names the artifact by itself, as it may stand beside those of other artifacts. */
function ruleDiagnostic({ file }: TrustPolicy, url: string, { rule }: TrustVerdict): Diagnostic {
  if (rule === undefined) {
    const positions = [{ file, line: 1, column: 1 }];
    return { text: "what no rule of a trust policy is for is denied", path: url, positions };
  }
  const { demand, prefix, at } = rule;
  const needed =
    typeof demand === "string"
      ? "is refused"
      : `needs ${demand.threshold} of ${demand.signers.map(({ name }) => name).join(", ")}`;
  return { text: `this rule decided: ${prefix} ${needed}`, path: url, positions: [at] };
}

function signatureDiagnostics({ rule, signatures }: TrustVerdict): Diagnostic[] {
  if (signatures === undefined || rule === undefined || typeof rule.demand === "string") return [];
  const { signers } = rule.demand;
  const { verified, rejected } = signatures;
  return [
    ...verified.map(({ signer, digest }) => ({
      text: `signature ${digest} is by ${signers[signer]?.name}`,
      positions: [],
    })),
    ...rejected.map(({ digest, reason }) => ({
      text: `signature ${digest} is worth nothing: ${reason}`,
      positions: [],
    })),
  ];
}

function hintOf(name: string, url: string, { rule }: TrustVerdict): string {
  if (rule === undefined) return `Add a rule for ${name.replace("oci://", "")} if you trust it`;
  if (rule.demand === "deny") return "Use another artifact, or change the rule";
  return `Sign it: tenon artifact sign ${url} --key FILE; look closer: tenon trust explain ${url}`;
}
