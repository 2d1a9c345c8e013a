import { between, dnsLabel, dnsSubdomain, labelValue, oneOf, qualifiedName } from "./formats.ts";
import { checkOperands } from "./metadata.ts";
import { type Fields, type Findings, type RuleTable, listOf, recordsOf } from "./rule.ts";

const weight = between(1, 100, "a weight");

export const affinityRules: RuleTable = {
  "api.core.v1.NodeSelector": {
    filled: ["nodeSelectorTerms"],
    check: ({ nodeSelectorTerms }, found) => {
      for (const [index, term] of recordsOf(nodeSelectorTerms)) {
        for (const [at, expression] of recordsOf(term["matchExpressions"])) {
          checkValues(found, expression, ["nodeSelectorTerms", index, "matchExpressions", at]);
        }
      }
    },
  },
  "api.core.v1.NodeSelectorTerm": {
    check({ matchExpressions, matchFields }, found) {
      for (const [index, { key }] of recordsOf(matchExpressions)) {
        if (typeof key === "string" && !qualifiedName.fits(key)) {
          found.expected(["matchExpressions", index, "key"], qualifiedName.expected, key);
        }
      }
      for (const [index, field] of recordsOf(matchFields)) checkNodeField(found, field, index);
    },
  },
  "api.core.v1.NodeSelectorRequirement": { filled: ["operator"], check: checkOperands },
  "api.core.v1.PreferredSchedulingTerm": { filled: ["weight"], formats: { weight } },
  "api.core.v1.WeightedPodAffinityTerm": { filled: ["weight"], formats: { weight } },
  "api.core.v1.PodAffinityTerm": {
    filled: ["topologyKey"],
    formats: { topologyKey: qualifiedName, namespaces: dnsLabel },
  },
};

function checkValues(found: Findings, { values }: Fields, path: (string | number)[]): void {
  for (const [index, value] of listOf(values).entries()) {
    if (typeof value === "string" && !labelValue.fits(value)) {
      found.expected([...path, "values", index], labelValue.expected, value);
    }
  }
}

const nodeFields = oneOf("metadata.name");

function checkNodeField(found: Findings, { key, operator, values }: Fields, index: number): void {
  const path = ["matchFields", index];
  if (typeof key === "string" && !nodeFields.fits(key)) {
    found.expected([...path, "key"], '"metadata.name"', key);
  }
  if (typeof operator === "string" && operator !== "In" && operator !== "NotIn") {
    found.expected([...path, "operator"], '"In" or "NotIn"', operator);
  } else if (listOf(values).length !== 1) {
    found.problem([...path, "values"], "one value is required for a field of a node");
  }
  for (const [at, value] of listOf(values).entries()) {
    if (typeof value === "string" && !dnsSubdomain.fits(value)) {
      found.expected([...path, "values", at], dnsSubdomain.expected, value);
    }
  }
}
