import { dnsSubdomain, oneOf, pathSegment } from "./formats.ts";
import {
  type Fields,
  type Findings,
  type RuleTable,
  isEmpty,
  isSet,
  recordOf,
  recordsOf,
} from "./rule.ts";

const rbac = "rbac.authorization.k8s.io";

export const accessRules: RuleTable = {
  "api.rbac.v1.Role": {
    check({ rules }, found) {
      for (const [index, rule] of recordsOf(rules)) {
        if (!isEmpty(rule["nonResourceURLs"])) {
          found.problem(["rules", index, "nonResourceURLs"], "only a ClusterRole can have URLs");
        }
      }
    },
  },
  "api.rbac.v1.PolicyRule": { filled: ["verbs"], check: checkPolicyRule },
  "api.rbac.v1.AggregationRule": { filled: ["clusterRoleSelectors"] },
  "api.rbac.v1.RoleBinding": { check: checkSubjects },
  "api.rbac.v1.ClusterRoleBinding": {
    check(binding, found) {
      const { kind } = recordOf(binding["roleRef"]);
      if (kind === "Role") found.expected(["roleRef", "kind"], '"ClusterRole"', kind);
      checkSubjects(binding, found);
      for (const [index, { kind: subject, namespace }] of recordsOf(binding["subjects"])) {
        if (subject === "ServiceAccount" && isEmpty(namespace)) {
          found.problem(["subjects", index, "namespace"], 'required field "namespace" is missing');
        }
      }
    },
  },
  "api.rbac.v1.RoleRef": {
    filled: ["kind", "name"],
    formats: { apiGroup: oneOf(rbac), name: pathSegment },
  },
  "api.rbac.v1.Subject": { filled: ["kind", "name"] },
};

function checkPolicyRule(rule: Fields, found: Findings): void {
  const { apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  if (isEmpty(nonResourceURLs)) {
    for (const name of ["apiGroups", "resources"]) {
      if (isEmpty(rule[name])) found.problem([name], `required field "${name}" is missing`);
    }
  } else if (![apiGroups, resources, resourceNames].every(isEmpty)) {
    found.problem(["nonResourceURLs"], "a rule is about resources or about URLs, not both");
  }
}

function checkSubjects({ subjects }: Fields, found: Findings): void {
  for (const [index, { kind, name, apiGroup }] of recordsOf(subjects)) {
    const path = ["subjects", index];
    if (kind === "ServiceAccount") {
      if (!isEmpty(apiGroup)) found.expected([...path, "apiGroup"], '""', apiGroup);
      if (typeof name === "string" && name !== "" && !dnsSubdomain.fits(name)) {
        found.expected([...path, "name"], dnsSubdomain.expected, name);
      }
      // An absent group is filled in.
    } else if (isSet(apiGroup) && apiGroup !== "" && apiGroup !== rbac) {
      found.expected([...path, "apiGroup"], JSON.stringify(rbac), apiGroup);
    }
  }
}
