import { readFile } from "node:fs/promises";
import path from "node:path";

import type { Diagnostic } from "@tenon/core";
import { type ManifestNode, parseDocuments } from "@tenon/schema";

import { DeployError } from "../errors.ts";
import { readUserFile } from "../source/read-user-file.ts";
import { type PolicyReading, PolicyProblems, fieldsOf, itemsOf } from "./policy-fields.ts";
import { readRule } from "./policy-rule.ts";
import type { TrustPolicy, TrustRule } from "./trust-policy.ts";

/**
 * Reads a trust policy. It is read strictly: a field that is not known is a mistake, not a wish.
 *
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID` with the place of everything that is wrong
 */
export async function readTrustPolicy(file: string): Promise<TrustPolicy> {
  const content = await readUserFile(
    file,
    (reason, cause) =>
      new DeployError(
        "DEPLOY_TRUST_POLICY_INVALID",
        `Cannot read trust policy ${file}: ${reason}`,
        {
          hint: "Check --trust-policy and TENON_TRUST_POLICY",
          cause,
        },
      ),
  );
  return parseTrustPolicy(file, content, (name) =>
    readFile(path.resolve(path.dirname(file), name), "utf8"),
  );
}

/**
 * Reads the text of a trust policy.
 *
 * @param readRelated reads a file that the policy names; paths start where the policy is
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID`
 */
export async function parseTrustPolicy(
  file: string,
  content: Uint8Array,
  readRelated: (name: string) => Promise<string>,
): Promise<TrustPolicy> {
  const { documents, problems: syntax } = parseDocuments({ name: file, content });
  const problems = new PolicyProblems(syntax);
  const [root, second] = documents;
  if (second !== undefined) problems.add(second.at, "a trust policy is one document");
  const rules = root === undefined ? [] : await readRules(root, { problems, readRelated });
  if (problems.found.length > 0) throw invalid(file, problems);
  if (root === undefined) {
    throw new DeployError(
      "DEPLOY_TRUST_POLICY_INVALID",
      `Cannot read trust policy ${file}: it is empty`,
      { hint: "Without any rule it would deny everything: write `rules: []` if that is meant" },
    );
  }
  return { file, rules };
}

async function readRules(root: ManifestNode, reading: PolicyReading): Promise<TrustRule[]> {
  const { problems } = reading;
  const { rules: list } = fieldsOf(root, ["rules"], problems, "a trust policy");
  if (list === undefined) {
    if (root.kind === "map") problems.add(root.at, "it has no rules");
    return [];
  }
  const rules: TrustRule[] = [];
  for (const item of itemsOf(list, problems, "rules")) {
    const rule = await readRule(item, reading);
    if (rule === undefined) continue;
    const twin = rules.find(({ prefix }) => prefix === rule.prefix);
    if (twin === undefined) rules.push(rule);
    else problems.add(rule.at, `a rule for ${rule.prefix} is there already`, { also: twin.at });
  }
  return rules;
}

function invalid(file: string, problems: PolicyProblems): DeployError {
  const found = problems.found.toSorted((a, b) => lineOf(a) - lineOf(b));
  const [first] = found;
  const more = found.length > 1 ? `, and ${found.length - 1} more` : "";
  return new DeployError(
    "DEPLOY_TRUST_POLICY_INVALID",
    `Cannot read trust policy ${file}: ${first?.text}${more}`,
    { diagnostics: found, hint: "docs/trust.md describes the file" },
  );
}

function lineOf({ positions }: Diagnostic): number {
  return positions[0]?.line ?? 0;
}
