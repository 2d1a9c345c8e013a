import { groupOf } from "@tenon/core";

import { patterns } from "../kubernetes/rules/formats.ts";
import { isRecord, ownOf } from "../kubernetes/rules/rule.ts";

const maxAnnotationBytes = 262_144;

/** Kinds whose names may be anything that can be part of a URL, by group. */
const freelyNamed: Readonly<Record<string, readonly string[]>> = {
  "": ["Event"],
  "events.k8s.io": ["Event"],
  policy: ["PodDisruptionBudget"],
  "rbac.authorization.k8s.io": ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
};

/** What an API server would not take, and where it is in the object. */
export interface MetadataProblem {
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * Checks what every Kubernetes object must have: apiVersion, kind, a name, and metadata that an API
 * server accepts.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function checkMetadata(json: string): MetadataProblem[] {
  const value: unknown = JSON.parse(json);
  if (!isRecord(value)) return [{ path: [], text: "must be a Kubernetes object" }];
  const metadata = isRecord(value["metadata"]) ? value["metadata"] : {};
  const { apiVersion, kind } = value;
  const { name, namespace } = metadata;
  const missing = Object.entries({ apiVersion, kind, "metadata.name": name })
    .filter(([, field]) => typeof field !== "string" || field === "")
    .map(([field]) => field);
  if (missing.length > 0) {
    return [{ path: [], text: `missing required field(s) ${missing.join(", ")}` }];
  }
  return [
    ...checkName(String(name), String(apiVersion), String(kind)),
    ...(namespace === undefined || namespace === "" ? [] : checkNamespace(namespace)),
    ...checkLabels(metadata["labels"]),
    ...checkAnnotations(metadata["annotations"]),
  ];
}

function checkName(name: string, apiVersion: string, kind: string): MetadataProblem[] {
  const text = `metadata.name ${JSON.stringify(name)}`;
  if (ownOf(freelyNamed, groupOf(apiVersion))?.includes(kind) !== true) {
    return limited(["metadata", "name"], text, name, {
      pattern: patterns.dnsSubdomain,
      length: 253,
    });
  }
  if (!/[/%]/.test(name) && name !== "." && name !== "..") return [];
  return [
    { path: ["metadata", "name"], text: `${text} must not be ".", ".." or contain "/" or "%"` },
  ];
}

function checkNamespace(namespace: unknown): MetadataProblem[] {
  const path = ["metadata", "namespace"];
  if (typeof namespace !== "string") return [{ path, text: "metadata.namespace must be a string" }];
  const text = `metadata.namespace ${JSON.stringify(namespace)}`;
  return limited(path, text, namespace, { pattern: patterns.dnsLabel, length: 63 });
}

function checkLabels(labels: unknown): MetadataProblem[] {
  const path = ["metadata", "labels"];
  if (labels === undefined || labels === null) return [];
  if (!isRecord(labels)) return [{ path, text: "metadata.labels must be a map of strings" }];
  return Object.entries(labels).flatMap(([key, value]) => {
    const at = [...path, key];
    const name = `metadata.labels[${JSON.stringify(key)}]`;
    const ofKey = checkKey(at, `${name} key`, key);
    if (typeof value !== "string")
      return [...ofKey, { path: at, text: `${name} must be a string` }];
    const text = `${name} value ${JSON.stringify(value)}`;
    return [...ofKey, ...limited(at, text, value, { pattern: patterns.labelValue, length: 63 })];
  });
}

function checkAnnotations(annotations: unknown): MetadataProblem[] {
  const path = ["metadata", "annotations"];
  if (annotations === undefined || annotations === null) return [];
  if (!isRecord(annotations))
    return [{ path, text: "metadata.annotations must be a map of strings" }];
  let bytes = 0;
  const problems = Object.entries(annotations).flatMap(([key, value]) => {
    const at = [...path, key];
    const name = `metadata.annotations[${JSON.stringify(key)}]`;
    bytes += Buffer.byteLength(key) + (typeof value === "string" ? Buffer.byteLength(value) : 0);
    const ofKey = checkKey(at, `${name} key`, key.toLowerCase());
    if (typeof value === "string") return ofKey;
    return [...ofKey, { path: at, text: `${name} must be a string` }];
  });
  if (bytes <= maxAnnotationBytes) return problems;
  const text = `metadata.annotations total size must be at most ${maxAnnotationBytes} bytes`;
  return [...problems, { path, text }];
}

function checkKey(path: readonly string[], at: string, key: string): MetadataProblem[] {
  const parts = key.split("/");
  const [prefix, name] =
    parts.length > 1 ? [parts[0]!, parts.slice(1).join("/")] : [undefined, key];
  const problems = limited(path, at, name, { pattern: patterns.nameOfKey, length: 63 });
  if (prefix === undefined) return problems;
  return [
    ...limited(path, `${at} prefix`, prefix, { pattern: patterns.dnsSubdomain, length: 253 }),
    ...problems,
  ];
}

function limited(
  path: readonly string[],
  at: string,
  text: string,
  { pattern, length }: { readonly pattern: RegExp; readonly length: number },
): MetadataProblem[] {
  const problems: MetadataProblem[] = [];
  if (!pattern.test(text)) {
    problems.push({ path, text: `${at} must match regex '${pattern.source}'` });
  }
  if (text.length > length) {
    problems.push({ path, text: `${at} must be no more than ${length} characters` });
  }
  return problems;
}
