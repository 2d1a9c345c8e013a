import type { TrustRule } from "./trust-policy.ts";

/** A rule of a trust policy as data. */
export interface DescribedRule {
  readonly prefix: string;
  readonly file: string;
  readonly line: number;
  readonly demand: "allow" | "deny" | "signed";
  /** Names of the signers; none where signatures do not matter. */
  readonly signers: readonly string[];
  /** How many of the signers are needed; 0 where signatures do not matter. */
  readonly threshold: number;
  readonly immutableTags: boolean;
}

/** Makes data of a rule. */
export function describeRule({ prefix, at, demand, immutableTags }: TrustRule): DescribedRule {
  const where = { prefix, file: at.file, line: at.line, immutableTags };
  if (typeof demand === "string") return { ...where, demand, signers: [], threshold: 0 };
  const signers = demand.signers.map(({ name }) => name);
  return { ...where, demand: "signed", signers, threshold: demand.threshold };
}
