import {
  between,
  chosen,
  dnsLabelWithLetterFirst,
  dnsSubdomain,
  evenEmpty,
  matching,
  oneOf,
  port,
  qualifiedName,
} from "./formats.ts";
import {
  type Fields,
  type Findings,
  type Path,
  type RuleTable,
  type Surroundings,
  isEmpty,
  isSet,
  listOf,
  recordOf,
  recordsOf,
  reportRepeated,
  textOf,
} from "./rule.ts";

const operations = oneOf("*", "CONNECT", "CREATE", "DELETE", "UPDATE");

const webhookName = matching(
  'a lower-case DNS name with at least two dots, such as "check.pods.example.com"',
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?){2,}$/,
  253,
);

const ruleWithOperations = {
  filled: ["operations", "apiGroups", "apiVersions", "resources"],
  formats: { operations, scope: chosen },
  check: checkRule,
};

const webhook = {
  filled: ["name", "sideEffects", "admissionReviewVersions"],
  formats: {
    name: webhookName,
    timeoutSeconds: between(1, 30, "seconds"),
    sideEffects: oneOf("None", "NoneOnDryRun"),
    failurePolicy: evenEmpty(oneOf("Fail", "Ignore")),
    matchPolicy: evenEmpty(oneOf("Exact", "Equivalent")),
    reinvocationPolicy: chosen,
    admissionReviewVersions: dnsLabelWithLetterFirst,
  },
  check(
    { admissionReviewVersions, matchConditions }: Fields,
    found: Findings,
    { cel }: Surroundings,
  ) {
    checkExpressions({ found, cel }, matchConditions, ["matchConditions"], ["expression"]);
    const versions = listOf(admissionReviewVersions);
    if (versions.length > 0 && !versions.includes("v1") && !versions.includes("v1beta1")) {
      found.problem(["admissionReviewVersions"], "v1 or v1beta1 must be among the versions");
    }
    for (const [index, version] of versions.entries()) {
      if (versions.indexOf(version) < index) {
        found.problem(
          ["admissionReviewVersions", index],
          `duplicate of ${JSON.stringify(version)}`,
        );
      }
    }
    if (listOf(matchConditions).length > 64)
      found.problem(["matchConditions"], "at most 64 conditions can be given");
  },
};

const webhooks = {
  check({ webhooks: list }: Fields, found: Findings) {
    reportRepeated(found, list, ["webhooks"], ({ name }) => textOf(name));
  },
};

const serviceReference = {
  filled: ["name", "namespace"],
  formats: {
    port,
    path: matching(
      "a path whose parts are lower-case DNS names",
      /^\/$|^(\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)+\/?$/,
    ),
  },
};

const clientConfig = {
  oneOf: { fields: ["url", "service"], required: true },
  formats: {
    url: matching(
      "a URL that begins with https://, without user, query and fragment",
      /^https:\/\/[^/?#@]+(\/[^?#]*)?$/i,
    ),
  },
};

const condition = { filled: ["name", "expression"], formats: { name: qualifiedName } };

const group = "api.admissionregistration.v1";

export const admissionRules: RuleTable = {
  [`${group}.ValidatingAdmissionPolicy`]: { filled: ["spec"] },
  [`${group}.ValidatingAdmissionPolicyBinding`]: { filled: ["spec"] },
  [`${group}.ValidatingWebhookConfiguration`]: webhooks,
  [`${group}.MutatingWebhookConfiguration`]: webhooks,
  [`${group}.ValidatingWebhook`]: webhook,
  [`${group}.MutatingWebhook`]: webhook,
  [`${group}.WebhookClientConfig`]: clientConfig,
  [`${group}.ServiceReference`]: serviceReference,
  [`${group}.RuleWithOperations`]: ruleWithOperations,
  [`${group}.NamedRuleWithOperations`]: ruleWithOperations,
  [`${group}.MatchCondition`]: condition,
  [`${group}.MatchResources`]: {
    formats: { matchPolicy: evenEmpty(oneOf("Exact", "Equivalent")) },
    check({ resourceRules }, found, { parents }) {
      const isConstraint = isSet(recordOf(parents.at(-1))["matchConstraints"]);
      if (isConstraint && isEmpty(resourceRules)) {
        found.problem(["resourceRules"], 'required field "resourceRules" is missing');
      }
    },
  },
  [`${group}.ValidatingAdmissionPolicySpec`]: {
    filled: ["matchConstraints"],
    check(spec, found, around) {
      if (isEmpty(spec["validations"]) && isEmpty(spec["auditAnnotations"])) {
        found.problem(["validations"], "one of validations and auditAnnotations is required");
      }
      checkVariables(spec, found);
      checkPolicyExpressions(spec, found, around);
    },
  },
  [`${group}.MutatingAdmissionPolicySpec`]: {
    filled: ["matchConstraints", "mutations", "reinvocationPolicy"],
    check: checkVariables,
  },
  [`${group}.Mutation`]: {
    filled: ["patchType"],
    check({ patchType, applyConfiguration, jsonPatch }, found) {
      const [needed, other] =
        patchType === "JSONPatch"
          ? [{ jsonPatch }, { applyConfiguration }]
          : [{ applyConfiguration }, { jsonPatch }];
      for (const [name, value] of Object.entries(needed)) {
        if (!isSet(value)) found.problem([name], `required field "${name}" is missing`);
      }
      for (const [name, value] of Object.entries(other)) {
        if (isSet(value))
          found.problem(
            [name],
            `"${name}" must be left out where patchType is ${textOf(patchType)}`,
          );
      }
    },
  },
  [`${group}.ApplyConfiguration`]: { filled: ["expression"] },
  [`${group}.JSONPatch`]: { filled: ["expression"] },
  [`${group}.ParamKind`]: {
    filled: ["apiVersion", "kind"],
    formats: {
      apiVersion: matching(
        "GROUP/VERSION",
        /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
      ),
      kind: matching("a kind, such as ConfigMap", /^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$/, 63),
    },
  },
  [`${group}.Validation`]: {
    filled: ["expression"],
    formats: {
      reason: evenEmpty(oneOf("Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge")),
    },
  },
  [`${group}.Variable`]: {
    filled: ["name", "expression"],
    formats: { name: matching("a CEL identifier", /^[_a-zA-Z][_a-zA-Z0-9]*$/) },
  },
  [`${group}.AuditAnnotation`]: {
    filled: ["key", "valueExpression"],
    formats: { key: qualifiedName },
  },
  [`${group}.ValidatingAdmissionPolicyBindingSpec`]: {
    filled: ["policyName", "validationActions"],
    formats: { policyName: dnsSubdomain, validationActions: oneOf("Audit", "Deny", "Warn") },
    check({ validationActions }, found) {
      const actions = listOf(validationActions);
      for (const [index, action] of actions.entries()) {
        if (actions.indexOf(action) < index)
          found.problem(["validationActions", index], `duplicate of ${String(action)}`);
      }
      if (actions.includes("Deny") && actions.includes("Warn")) {
        found.problem(["validationActions"], "Deny and Warn cannot be together");
      }
    },
  },
  [`${group}.MutatingAdmissionPolicyBindingSpec`]: {
    filled: ["policyName"],
    formats: { policyName: dnsSubdomain },
  },
  [`${group}.ParamRef`]: {
    filled: ["parameterNotFoundAction"],
    oneOf: { fields: ["name", "selector"], required: true },
  },
  "apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference": serviceReference,
  "apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig": clientConfig,
};

/** What expressions of policies and webhooks can use. */
const variables = ["object", "oldObject", "request", "namespaceObject", "authorizer", "params"];

interface Reader {
  readonly found: Findings;
  readonly cel: Surroundings["cel"];
}

/** Checks the expressions in fields of the objects of a list. */
function checkExpressions(
  { found, cel }: Reader,
  list: unknown,
  path: Path,
  fields: readonly string[],
  known: readonly string[] = variables,
): void {
  for (const [index, element] of recordsOf(list)) {
    for (const field of fields) {
      const expression = element[field];
      if (typeof expression !== "string" || expression === "") continue;
      const problem = cel?.problemOf(expression, known);
      if (problem !== undefined) found.problem([...path, index, field], problem);
    }
  }
}

function checkPolicyExpressions(spec: Fields, found: Findings, { cel }: Surroundings): void {
  const reader = { found, cel };
  const known = isEmpty(spec["variables"]) ? variables : [...variables, "variables"];
  checkExpressions(reader, spec["matchConditions"], ["matchConditions"], ["expression"]);
  checkExpressions(reader, spec["variables"], ["variables"], ["expression"], known);
  const fields = ["expression", "messageExpression"];
  checkExpressions(reader, spec["validations"], ["validations"], fields, known);
  checkExpressions(
    reader,
    spec["auditAnnotations"],
    ["auditAnnotations"],
    ["valueExpression"],
    known,
  );
}

function checkRule(rule: Fields, found: Findings): void {
  for (const name of ["operations", "apiGroups", "apiVersions", "resources"]) {
    const list = listOf(rule[name]);
    const isAll = name === "resources" ? "*/*" : "*";
    if (list.length > 1 && list.includes(isAll)) {
      found.problem([name], `${JSON.stringify(isAll)} stands for all: nothing can be beside it`);
    }
    if (name === "apiGroups") continue;
    for (const [index, value] of list.entries()) {
      if (value === "" && name !== "operations")
        found.problem([name, index], "it must not be empty");
    }
  }
  checkResourceNames(listOf(rule["resources"]).map(textOf), found);
}

function checkResourceNames(resources: readonly string[], found: Findings): void {
  for (const [index, name] of resources.entries()) {
    const [resource, subresource] = name.split("/", 2);
    if (subresource === undefined) continue;
    const earlier = resources.slice(0, index);
    if (earlier.includes(`${resource}/*`) || earlier.includes(`*/${subresource}`)) {
      found.problem(["resources", index], `${JSON.stringify(name)} is covered by one before it`);
    }
  }
  const plain = resources.filter((name) => name !== "" && !name.includes("/"));
  if (plain.includes("*") && plain.at(-1) !== "*") {
    found.problem(["resources"], '"*" stands for all resources: no other can be beside it');
  }
}

function checkVariables({ auditAnnotations, variables }: Fields, found: Findings): void {
  reportRepeated(found, auditAnnotations, ["auditAnnotations"], ({ key }) => textOf(key));
  reportRepeated(found, variables, ["variables"], ({ name }) => textOf(name));
}
