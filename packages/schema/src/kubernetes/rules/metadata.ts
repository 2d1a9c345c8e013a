import { dnsLabel, labelValue, matching, oneOf, qualifiedName } from "./formats.ts";
import {
  type Fields,
  type Findings,
  type Format,
  type Path,
  type RuleTable,
  isEmpty,
  isRecord,
  listOf,
  ownOf,
  recordOf,
  recordsOf,
  textOf,
} from "./rule.ts";

/** Checks keys and values of labels, which other maps than labels are too. */
export function checkLabels(found: Findings, labels: unknown, path: Path): void {
  if (!isRecord(labels)) return;
  for (const [key, value] of Object.entries(labels)) {
    checkKey(found, key, [...path, key], qualifiedName);
    if (typeof value === "string" && !labelValue.fits(value)) {
      found.expected([...path, key], labelValue.expected, value);
    }
  }
}

/** Checks the keys of a map. */
export function checkKeys(found: Findings, map: unknown, path: Path, format: Format): void {
  if (!isRecord(map)) return;
  for (const key of Object.keys(map)) checkKey(found, key, [...path, key], format);
}

function checkKey(found: Findings, key: string, path: Path, format: Format): void {
  if (!format.fits(key)) {
    found.problem(path, `${JSON.stringify(key)} is no key: expected ${format.expected}`);
  }
}

/** Checks labels and annotations of an object inside another one, such as a pod template. */
export function checkInnerMetadata(found: Findings, metadata: unknown, path: Path): void {
  const { labels, annotations } = recordOf(metadata);
  checkLabels(found, labels, [...path, "labels"]);
  checkKeys(found, annotations, [...path, "annotations"], {
    ...qualifiedName,
    fits: (key) => qualifiedName.fits(String(key).toLowerCase()),
  });
}

/** Checks what the metadata of every object must keep to, beyond its name, labels and annotations. */
export function checkOwners(found: Findings, metadata: Fields): void {
  for (const [index, finalizer] of listOf(metadata["finalizers"]).entries()) {
    if (typeof finalizer === "string" && !qualifiedName.fits(finalizer)) {
      found.expected(["metadata", "finalizers", index], qualifiedName.expected, finalizer);
    }
  }
  const owners = recordsOf(metadata["ownerReferences"]);
  for (const [index, owner] of owners) {
    for (const name of ["apiVersion", "kind", "name", "uid"]) {
      if (owner[name] === "") {
        found.problem(["metadata", "ownerReferences", index, name], `"${name}" must not be empty`);
      }
    }
  }
  const controllers = owners.filter(([, { controller }]) => controller === true);
  for (const [index] of controllers.slice(1)) {
    const path = ["metadata", "ownerReferences", index, "controller"];
    found.problem(path, "only one owner can be the controller");
  }
}

/** The name of an object whose kind asks for a shorter one than most. */
export function checkName(format: Format): (object: Fields, found: Findings) => void {
  return ({ metadata }, found) => {
    const name = textOf(recordOf(metadata)["name"]);
    if (name !== "" && !format.fits(name)) {
      found.expected(["metadata", "name"], format.expected, name);
    }
  };
}

/** A label selector without conditions, which the API server refuses in some places. */
export function isEmptySelector(selector: unknown): boolean {
  if (!isRecord(selector)) return false;
  const { matchLabels, matchExpressions } = selector;
  return Object.keys(recordOf(matchLabels)).length + listOf(matchExpressions).length === 0;
}

/** Tells whether a label selector takes these labels. */
export function selects(selector: unknown, labels: unknown): boolean {
  const { matchLabels, matchExpressions } = recordOf(selector);
  const given = recordOf(labels);
  return (
    Object.entries(recordOf(matchLabels)).every(([key, value]) => ownOf(given, key) === value) &&
    recordsOf(matchExpressions).every(([, expression]) => fulfils(given, expression))
  );
}

function fulfils(labels: Fields, { key, operator, values }: Fields): boolean {
  const value = ownOf(labels, textOf(key));
  switch (operator) {
    case "In":
      return listOf(values).includes(value);
    case "NotIn":
      return value === undefined || !listOf(values).includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return true;
  }
}

export const metadataRules: RuleTable = {
  "apimachinery.pkg.apis.meta.v1.LabelSelector": {
    check: ({ matchLabels }, found) => checkLabels(found, matchLabels, ["matchLabels"]),
  },
  "apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": {
    filled: ["key", "operator"],
    formats: { key: qualifiedName, values: labelValue },
    check: checkOperands,
  },
  "api.core.v1.Namespace": { check: checkNamespace },
};

const securityLevel = oneOf("privileged", "baseline", "restricted");
const securityVersion = matching(
  '"latest", or a version such as "v1.36"',
  /^(latest|v1\.(0|[1-9]\d*))$/,
);

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces */
function checkNamespace(namespace: Fields, found: Findings): void {
  checkName(dnsLabel)(namespace, found);
  const { labels } = recordOf(namespace["metadata"]);
  for (const [key, value] of Object.entries(recordOf(labels))) {
    const match = /^pod-security\.kubernetes\.io\/(?:enforce|audit|warn)(-version)?$/.exec(key);
    const format = match?.[1] === undefined ? securityLevel : securityVersion;
    if (match !== null && typeof value === "string" && !format.fits(value)) {
      found.expected(["metadata", "labels", key], format.expected, value);
    }
  }
}

/** Operators that need values, and those that must have none. */
export function checkOperands({ operator, values }: Fields, found: Findings): void {
  const given = listOf(values).length;
  if ((operator === "In" || operator === "NotIn") && given === 0) {
    found.problem(["values"], `values are required where the operator is ${operator}`);
  }
  if ((operator === "Exists" || operator === "DoesNotExist") && given > 0) {
    found.problem(["values"], `values must be left out where the operator is ${operator}`);
  }
  if ((operator === "Gt" || operator === "Lt") && given !== 1) {
    found.problem(["values"], `one value is required where the operator is ${operator}`);
  }
}

/** Reports a field that only makes sense with another one. */
export function forbid(found: Findings, fields: Fields, name: string, where: string): void {
  if (!isEmpty(fields[name])) found.problem([name], `"${name}" must be left out ${where}`);
}
