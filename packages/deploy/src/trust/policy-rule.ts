import type { ManifestNode } from "@tenon/schema";

import { readDemand } from "./policy-demand.ts";
import { type PolicyProblems, type PolicyReading, fieldsOf, textOf } from "./policy-fields.ts";
import { prefixOf } from "./policy-prefix.ts";
import type { TrustRule } from "./trust-policy.ts";

const ruleFields = ["prefix", "keys", "identities", "threshold", "allow", "deny", "tags"] as const;

/** Reads a rule; nothing where something is wrong with it. */
export async function readRule(
  item: ManifestNode,
  reading: PolicyReading,
): Promise<TrustRule | undefined> {
  const { problems } = reading;
  const before = problems.found.length;
  const fields = fieldsOf(item, ruleFields, problems, "a rule");
  // What a mistyped field was meant to be is not missing.
  if (problems.found.length > before) return undefined;
  const demand = await readDemand(item, fields, reading);
  const tags = readTags(fields.tags, problems);
  if (fields.prefix === undefined) problems.add(item.at, "a rule needs a prefix");
  const prefix = fields.prefix && prefixOf(fields.prefix, problems);
  if (prefix === undefined || demand === undefined) return undefined;
  return { prefix, at: item.at, demand, immutableTags: tags === "immutable" };
}

function readTags(node: ManifestNode | undefined, problems: PolicyProblems): string | undefined {
  if (node === undefined) return undefined;
  const text = textOf(node, problems);
  if (text !== undefined && text !== "immutable") {
    problems.add(node.at, "tags can only be `immutable`");
  }
  return text;
}
