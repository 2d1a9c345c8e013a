import type { ManifestNode } from "@tenon/schema";

import type { PolicyProblems, PolicyReading } from "./policy-fields.ts";
import { readSigners } from "./policy-signers.ts";
import type { SignatureDemand, TrustRule } from "./trust-policy.ts";

/** The fields of a rule that say what is demanded. */
type DemandFields = Partial<
  Record<"keys" | "identities" | "threshold" | "allow" | "deny", ManifestNode>
>;

/** Reads what a rule demands. */
export async function readDemand(
  item: ManifestNode,
  fields: DemandFields,
  reading: PolicyReading,
): Promise<TrustRule["demand"] | undefined> {
  const { problems } = reading;
  const { keys, identities, threshold, allow, deny } = fields;
  const kinds = [keys ?? identities, allow, deny].filter((field) => field !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const reason = "a rule has either keys and identities, or allow, or deny";
    problems.add((kinds[1] ?? item).at, reason);
    return undefined;
  }
  if (kind !== allow && kind !== deny) {
    const before = problems.found.length;
    const signers = await readSigners({ keys, identities }, reading);
    if (problems.found.length > before) return undefined;
    return signatureDemand(item, signers, threshold, problems);
  }
  if (threshold !== undefined)
    problems.add(threshold.at, "only rules with signers have a threshold");
  if (kind.kind === "boolean" && kind.value) return kind === allow ? "allow" : "deny";
  problems.add(kind.at, "it can only be true");
  return undefined;
}

function signatureDemand(
  item: ManifestNode,
  signers: SignatureDemand["signers"],
  threshold: ManifestNode | undefined,
  problems: PolicyProblems,
): SignatureDemand | undefined {
  if (signers.length === 0) {
    problems.add(item.at, "the rule has no signers: nothing would ever be accepted", {
      notes: ["to refuse everything write `deny: true`"],
    });
    return undefined;
  }
  if (threshold === undefined) return { signers, threshold: 1 };
  const value = threshold.kind === "number" ? Number(threshold.value) : Number.NaN;
  if (!Number.isInteger(value) || value < 1) {
    problems.add(threshold.at, "the threshold has to be a whole number from 1");
    return undefined;
  }
  if (value > signers.length) {
    problems.add(threshold.at, `${value} signers are needed, and the rule has ${signers.length}`);
    return undefined;
  }
  return { signers, threshold: value };
}
