import {
  atLeast,
  between,
  countOrPercent,
  dnsLabel,
  evenEmpty,
  oneOf,
  pathSegment,
} from "./formats.ts";
import { parseQuantity } from "./quantity.ts";
import { expectedResource } from "./resources.ts";
import {
  type Fields,
  type Findings,
  type RuleTable,
  isEmpty,
  isSet,
  ownOf,
  recordOf,
  recordsOf,
  textOf,
} from "./rule.ts";

const budget = {
  ...countOrPercent,
  expected: 'a number of at least 0, or a percentage up to "100%"',
  fits: (value: string | number) =>
    countOrPercent.fits(value) && (typeof value === "number" || Number.parseInt(value, 10) <= 100),
};

const reference = {
  filled: ["kind", "name"],
  formats: { kind: pathSegment, name: pathSegment },
  check: checkGroup,
};

/** The field of a metric for each type. */
const sources: Readonly<Record<string, string>> = {
  Object: "object",
  Pods: "pods",
  Resource: "resource",
  External: "external",
  ContainerResource: "containerResource",
};

const target = {
  filled: ["type"],
  formats: { averageUtilization: atLeast(1) },
  check: checkTarget,
};

export const policyRules: RuleTable = {
  "api.policy.v1.PodDisruptionBudgetSpec": {
    formats: {
      minAvailable: budget,
      maxUnavailable: budget,
      unhealthyPodEvictionPolicy: evenEmpty(oneOf("AlwaysAllow", "IfHealthyBudget")),
    },
    oneOf: { fields: ["minAvailable", "maxUnavailable"], required: false },
  },
  "api.autoscaling.v1.HorizontalPodAutoscalerSpec": {
    filled: ["maxReplicas"],
    formats: {
      maxReplicas: atLeast(1),
      minReplicas: atLeast(1),
      targetCPUUtilizationPercentage: atLeast(1),
    },
    check: checkReplicas,
  },
  "api.autoscaling.v1.CrossVersionObjectReference": reference,
  "api.autoscaling.v2.HorizontalPodAutoscalerSpec": {
    filled: ["maxReplicas"],
    formats: { maxReplicas: atLeast(1), minReplicas: atLeast(0) },
    check: checkReplicas,
  },
  "api.autoscaling.v2.CrossVersionObjectReference": reference,
  "api.autoscaling.v2.HPAScalingRules": {
    formats: { stabilizationWindowSeconds: between(0, 3600, "seconds") },
    check({ policies, tolerance }, found) {
      if (Array.isArray(policies) && policies.length === 0) {
        found.problem(["policies"], '"policies" must not be empty');
      }
      const amount = parseQuantity(tolerance);
      if (amount !== undefined && amount < 0n)
        found.expected(["tolerance"], "an amount of at least 0", tolerance);
    },
  },
  "api.autoscaling.v2.HPAScalingPolicy": {
    filled: ["type", "value", "periodSeconds"],
    formats: { value: atLeast(1), periodSeconds: between(1, 1800, "seconds") },
  },
  "api.autoscaling.v2.MetricSpec": { filled: ["type"], check: checkMetric },
  "api.autoscaling.v2.MetricIdentifier": {
    filled: ["name"],
    formats: { name: pathSegment },
    unchecked: ["selector"],
  },
  "api.autoscaling.v2.MetricTarget": target,
  "api.autoscaling.v2.ResourceMetricSource": {
    filled: ["name"],
    check: needsTarget("averageUtilization", "averageValue"),
  },
  "api.autoscaling.v2.ContainerResourceMetricSource": {
    filled: ["name", "container"],
    formats: { container: dnsLabel },
    check(source, found) {
      const expected = expectedResource(textOf(source["name"]), "container");
      if (!isEmpty(source["name"]) && expected !== undefined) {
        found.expected(["name"], expected, source["name"]);
      }
      needsTarget("averageUtilization", "averageValue")(source, found);
    },
  },
  "api.autoscaling.v2.PodsMetricSource": { check: needsTarget("averageValue") },
  "api.autoscaling.v2.ExternalMetricSource": { check: needsTarget("value", "averageValue") },
  "api.autoscaling.v2.ObjectMetricSource": {
    check({ target: given }, found) {
      const { value, averageValue } = recordOf(given);
      if (!isSet(value) && !isSet(averageValue))
        found.problem(["target"], "one of value and averageValue is required");
    },
  },
};

function checkReplicas(spec: Fields, found: Findings): void {
  const { minReplicas, maxReplicas, metrics, scaleTargetRef } = spec;
  const { apiVersion } = recordOf(scaleTargetRef);
  if (isSet(scaleTargetRef) && !textOf(apiVersion).includes("/")) {
    found.expected(["scaleTargetRef", "apiVersion"], "GROUP/VERSION", apiVersion ?? "");
  }
  if (Number(maxReplicas) >= 1 && Number(minReplicas) > Number(maxReplicas)) {
    found.expected(
      ["maxReplicas"],
      `at least minReplicas, which is ${String(minReplicas)}`,
      maxReplicas,
    );
  }
  if (
    minReplicas === 0 &&
    !recordsOf(metrics).some(([, { type }]) => type === "Object" || type === "External")
  ) {
    found.problem(["minReplicas"], '"minReplicas" can only be 0 with an Object or External metric');
  }
}

function checkGroup({ apiVersion }: Fields, found: Findings): void {
  if (typeof apiVersion === "string" && apiVersion.split("/").length > 2) {
    found.expected(["apiVersion"], "GROUP/VERSION", apiVersion);
  }
}

function checkMetric(metric: Fields, found: Findings): void {
  const field = ownOf(sources, textOf(metric["type"]));
  if (field === undefined) return;
  if (!isSet(metric[field]))
    found.problem(
      [field],
      `required field "${field}" is missing: the type is ${textOf(metric["type"])}`,
    );
  for (const name of Object.values(sources)) {
    if (name !== field && isSet(metric[name])) {
      found.problem(
        [name],
        `"${name}" must be left out where the type is ${textOf(metric["type"])}`,
      );
    }
  }
}

function checkTarget(fields: Fields, found: Findings): void {
  for (const name of ["value", "averageValue"]) {
    const amount = parseQuantity(fields[name]);
    if (amount !== undefined && amount < 1n) found.expected([name], "more than 0", fields[name]);
  }
}

/** Amounts of which one must be there, and no other. */
function needsTarget(...names: readonly string[]) {
  return ({ target: given }: Fields, found: Findings): void => {
    const set = names.filter((name) => isSet(recordOf(given)[name]));
    if (set.length === 0)
      found.problem(
        ["target"],
        `${names.length > 1 ? "one of " : ""}${names.join(" and ")} is required`,
      );
    else if (set.length > 1)
      found.problem(["target", set[1]!], `"${set[1]}" must be left out beside ${set[0]}`);
  };
}
