import { cidr } from "./addresses.ts";
import {
  atLeast,
  dataKey,
  dnsLabel,
  evenEmpty,
  labelValue,
  oneOf,
  qualifiedName,
} from "./formats.ts";
import { checkKeys, checkLabels } from "./metadata.ts";
import { checkAmounts } from "./resources.ts";
import {
  type Fields,
  type Findings,
  type RuleTable,
  isEmpty,
  isRecord,
  isSet,
  listOf,
  ownOf,
  recordOf,
  textOf,
} from "./rule.ts";

const maxBytes = 1_048_576;

/** The keys that a Secret of a type must have. */
const keysOfSecret: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export const configurationRules: RuleTable = {
  "api.core.v1.ConfigMap": {
    check({ data, binaryData }, found) {
      checkKeys(found, data, ["data"], dataKey);
      checkKeys(found, binaryData, ["binaryData"], dataKey);
      for (const key of Object.keys(recordOf(data))) {
        if (Object.hasOwn(recordOf(binaryData), key))
          found.problem(["data", key], "binaryData has this key too");
      }
      const size = textBytes(data) + byteSize(binaryData);
      if (size > maxBytes)
        found.problem(["data"], `the data has ${size} bytes; a ConfigMap holds 1 MiB`);
    },
  },
  "api.core.v1.Secret": { check: checkSecret },
  "api.core.v1.NamespaceSpec": {
    check({ finalizers }, found) {
      for (const [index, finalizer] of listOf(finalizers).entries()) {
        const name = textOf(finalizer);
        const isKnown = ["kubernetes", "orphan", "foregroundDeletion"].includes(name);
        if (!isKnown && !(name.includes("/") && qualifiedName.fits(name))) {
          found.expected(
            ["finalizers", index],
            '"kubernetes" or a name with a DNS prefix',
            finalizer,
          );
        }
      }
    },
  },
  "api.coordination.v1.LeaseSpec": {
    formats: { leaseDurationSeconds: atLeast(1), leaseTransitions: atLeast(0) },
    check({ preferredHolder, strategy }, found) {
      if (!isEmpty(preferredHolder) && isEmpty(strategy)) {
        found.problem(["preferredHolder"], '"preferredHolder" needs a strategy');
      }
    },
  },
  "api.scheduling.v1.PriorityClass": {
    formats: { preemptionPolicy: evenEmpty(oneOf("Never", "PreemptLowerPriority")) },
    check({ metadata, value }, found) {
      const name = textOf(recordOf(metadata)["name"]);
      if (name.startsWith("system-")) {
        if (!["system-node-critical", "system-cluster-critical"].includes(name)) {
          found.problem(
            ["metadata", "name"],
            'names that begin with "system-" are Kubernetes\' own',
          );
        }
      } else if (Number(value) > 1_000_000_000) {
        found.expected(["value"], "at most 1000000000", value);
      }
    },
  },
  "api.node.v1.RuntimeClass": { filled: ["handler"], formats: { handler: dnsLabel } },
  "api.node.v1.Overhead": {
    check: ({ podFixed }, found) => checkAmounts(found, podFixed, ["podFixed"], "container"),
  },
  "api.node.v1.Scheduling": {
    check: ({ nodeSelector }, found) => checkLabels(found, nodeSelector, ["nodeSelector"]),
  },
  "api.core.v1.Taint": {
    filled: ["key", "effect"],
    formats: { key: qualifiedName, value: labelValue },
  },
  "api.core.v1.NodeSpec": { formats: { podCIDR: cidr, podCIDRs: cidr } },
};

function checkSecret(secret: Fields, found: Findings): void {
  const { type, data, stringData, metadata } = secret;
  checkKeys(found, data, ["data"], dataKey);
  checkKeys(found, stringData, ["stringData"], dataKey);
  const all: Fields = { ...recordOf(data), ...recordOf(stringData) };
  const size = byteSize(data) + textBytes(stringData);
  if (size > maxBytes) found.problem(["data"], `the data has ${size} bytes; a Secret holds 1 MiB`);
  for (const key of ownOf(keysOfSecret, textOf(type)) ?? []) {
    if (!Object.hasOwn(all, key))
      found.problem(["data", key], `a Secret of the type ${textOf(type)} needs "${key}"`);
  }
  if (type === "kubernetes.io/basic-auth" && !("username" in all) && !("password" in all)) {
    found.problem(["data"], 'a Secret of this type needs "username" or "password"');
  }
  if (type === "kubernetes.io/service-account-token") {
    const name = "kubernetes.io/service-account.name";
    if (isEmpty(recordOf(recordOf(metadata)["annotations"])[name])) {
      found.problem(
        ["metadata", "annotations", name],
        "a Secret of this type needs the annotation",
      );
    }
  }
  checkDockerConfig(secret, found);
}

function checkDockerConfig({ type, data, stringData }: Fields, found: Findings): void {
  const [key] = textOf(type).startsWith("kubernetes.io/docker")
    ? (ownOf(keysOfSecret, textOf(type)) ?? [])
    : [];
  if (key === undefined) return;
  const plain = recordOf(stringData)[key];
  const encoded = recordOf(data)[key];
  const text =
    typeof plain === "string"
      ? plain
      : typeof encoded === "string"
        ? Buffer.from(encoded, "base64").toString()
        : undefined;
  if (text === undefined) return;
  try {
    if (isRecord(JSON.parse(text))) return;
  } catch {
    // Reported below.
  }
  found.problem([isSet(plain) ? "stringData" : "data", key], "expected a JSON object");
}

function textBytes(map: unknown): number {
  return Object.values(recordOf(map)).reduce<number>(
    (sum, value) => sum + Buffer.byteLength(textOf(value)),
    0,
  );
}

function byteSize(map: unknown): number {
  return Object.values(recordOf(map)).reduce<number>(
    (sum, value) => sum + Buffer.byteLength(textOf(value), "base64"),
    0,
  );
}
