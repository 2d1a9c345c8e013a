import { qualifiedName } from "./formats.ts";
import { checkOperands } from "./metadata.ts";
import { one, parseQuantity } from "./quantity.ts";
import { checkAmounts, expectedResource, quotaResources } from "./resources.ts";
import {
  type Fields,
  type Findings,
  type RuleTable,
  isEmpty,
  isSet,
  listOf,
  ownOf,
  recordOf,
  recordsOf,
  reportRepeated,
  textOf,
} from "./rule.ts";

/** Scopes that are a condition without a value. */
const plainScopes = new Set([
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "Terminating",
]);

const opposites = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
];

const ofPods = [
  "pods",
  "cpu",
  "memory",
  "requests.cpu",
  "requests.memory",
  "limits.cpu",
  "limits.memory",
];

/** The resources that a scope can limit; others have any. */
const resourcesOfScope: Readonly<Record<string, readonly string[]>> = {
  BestEffort: ["pods"],
  CrossNamespacePodAffinity: ofPods,
  NotBestEffort: ofPods,
  NotTerminating: ofPods,
  PriorityClass: ofPods,
  Terminating: ofPods,
  VolumeAttributesClass: ["persistentvolumeclaims", "requests.storage"],
};

const scopes = Object.keys(resourcesOfScope);

export const quotaRules: RuleTable = {
  "api.core.v1.ResourceQuotaSpec": {
    check({ hard, scopes: given, scopeSelector }, found) {
      checkAmounts(found, hard, ["hard"], "quota");
      const names = listOf(given).map(String);
      for (const [index, scope] of names.entries())
        checkScope(found, scope, ["scopes", index], hard);
      const expressions = recordsOf(recordOf(scopeSelector)["matchExpressions"]);
      for (const [index, { scopeName }] of expressions) {
        checkScope(
          found,
          textOf(scopeName),
          ["scopeSelector", "matchExpressions", index, "scopeName"],
          hard,
        );
      }
      checkOpposites(found, names, "scopes");
      checkOpposites(
        found,
        expressions.map(([, { scopeName }]) => textOf(scopeName)),
        "scopeSelector",
      );
    },
  },
  "api.core.v1.ScopedResourceSelectorRequirement": {
    filled: ["scopeName", "operator"],
    check(requirement, found) {
      const { scopeName, operator } = requirement;
      if (plainScopes.has(textOf(scopeName)) && operator !== "Exists") {
        found.expected(["operator"], `"Exists" for the scope ${textOf(scopeName)}`, operator);
      }
      checkOperands(requirement, found);
    },
  },
  "api.core.v1.LimitRangeSpec": {
    check: ({ limits }, found) =>
      reportRepeated(found, limits, ["limits"], ({ type }) => textOf(type)),
  },
  "api.core.v1.LimitRangeItem": {
    filled: ["type"],
    formats: { type: limitType() },
    check: checkLimits,
  },
};

function limitType() {
  const known = ["Container", "PersistentVolumeClaim", "Pod"];
  return {
    expected: `one of ${known.map((name) => JSON.stringify(name)).join(", ")}`,
    fits: (value: string | number) =>
      known.includes(String(value)) || (String(value).includes("/") && qualifiedName.fits(value)),
  };
}

function checkScope(
  found: Findings,
  scope: string,
  path: (string | number)[],
  hard: unknown,
): void {
  const allowed = ownOf(resourcesOfScope, scope);
  if (allowed === undefined) {
    found.expected(path, `one of ${scopes.join(", ")}`, scope);
    return;
  }
  for (const name of Object.keys(recordOf(hard))) {
    if (!allowed.includes(name) && quotaResources.has(name)) {
      found.problem(path, `the scope ${scope} cannot limit ${name}`);
    }
  }
}

function checkOpposites(found: Findings, given: readonly string[], field: string): void {
  for (const pair of opposites) {
    if (pair.every((scope) => given.includes(scope))) {
      found.problem([field], `the scopes ${pair.join(" and ")} exclude each other`);
    }
  }
}

const amounts = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

/** Amounts of which the first cannot be more than the second. */
const ascending = [
  ["min", "max"],
  ["min", "defaultRequest"],
  ["min", "default"],
  ["defaultRequest", "max"],
  ["default", "max"],
  ["defaultRequest", "default"],
] as const;

function checkLimits(limit: Fields, found: Findings): void {
  const { type, min, max } = limit;
  const isOfContainers = type === "Pod" || type === "Container";
  for (const name of amounts) {
    for (const resource of Object.keys(recordOf(limit[name]))) {
      const expected = expectedResource(resource, isOfContainers ? "container" : "limits");
      if (expected !== undefined) found.problem([name, resource], `expected ${expected}`);
    }
  }
  if (type === "Pod") {
    for (const name of ["default", "defaultRequest"]) {
      if (!isEmpty(limit[name]) && Object.keys(recordOf(limit[name])).length > 0) {
        found.problem([name], `"${name}" must be left out where the type is Pod`);
      }
    }
  }
  if (
    type === "PersistentVolumeClaim" &&
    !isSet(recordOf(min)["storage"]) &&
    !isSet(recordOf(max)["storage"])
  ) {
    found.problem([], "min or max of storage is required");
  }
  for (const [low, high] of ascending) checkOrder(found, limit, low, high);
  checkRatio(limit, found);
}

function checkOrder(found: Findings, limit: Fields, low: string, high: string): void {
  for (const [name, value] of Object.entries(recordOf(limit[low]))) {
    const [small, big] = [parseQuantity(value), parseQuantity(recordOf(limit[high])[name])];
    if (small !== undefined && big !== undefined && small > big) {
      found.expected(
        [low, name],
        `at most ${high}, which is ${String(recordOf(limit[high])[name])}`,
        value,
      );
    }
  }
}

/** Beyond it the API server's numbers overflow. */
const highest = one * 10n ** 15n;

function checkRatio({ maxLimitRequestRatio, min, max }: Fields, found: Findings): void {
  for (const [name, value] of Object.entries(recordOf(maxLimitRequestRatio))) {
    const ratio = parseQuantity(value);
    if (ratio === undefined || ratio > highest) continue;
    const [low, high] = [parseQuantity(recordOf(min)[name]), parseQuantity(recordOf(max)[name])];
    if (ratio < one) found.expected(["maxLimitRequestRatio", name], "at least 1", value);
    else if (low !== undefined && high !== undefined && low > 0n && ratio * low > high * one) {
      found.expected(["maxLimitRequestRatio", name], "at most max divided by min", value);
    }
  }
}
