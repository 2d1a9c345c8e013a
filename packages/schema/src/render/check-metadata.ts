const maxAnnotationBytes = 262_144;

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const rbacKinds: ReadonlySet<string> = new Set([
  "Role",
  "ClusterRole",
  "RoleBinding",
  "ClusterRoleBinding",
]);

/**
 * Checks what every Kubernetes object must have: apiVersion, kind, a name, and metadata that an API
 * server accepts.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function checkMetadata(json: string): string[] {
  const value: unknown = JSON.parse(json);
  if (!isRecord(value)) return ["must be a Kubernetes object"];
  const metadata = isRecord(value["metadata"]) ? value["metadata"] : {};
  const { apiVersion, kind } = value;
  const { name, namespace } = metadata;
  const missing = Object.entries({ apiVersion, kind, "metadata.name": name })
    .filter(([, field]) => typeof field !== "string" || field === "")
    .map(([field]) => field);
  if (missing.length > 0) return [`missing required field(s) ${missing.join(", ")}`];
  return [
    ...checkName(String(name), String(apiVersion), String(kind)),
    ...(namespace === undefined || namespace === "" ? [] : checkNamespace(namespace)),
    ...checkLabels(metadata["labels"]),
    ...checkAnnotations(metadata["annotations"]),
  ];
}

function checkName(name: string, apiVersion: string, kind: string): string[] {
  const at = `metadata.name ${JSON.stringify(name)}`;
  if (apiVersion.startsWith("rbac.authorization.k8s.io/") && rbacKinds.has(kind)) {
    return /[/%]/.test(name) || name === "." || name === ".."
      ? [`${at} must not be ".", ".." or contain "/" or "%"`]
      : [];
  }
  return limited(at, name, subdomain, 253);
}

function checkNamespace(namespace: unknown): string[] {
  if (typeof namespace !== "string") return ["metadata.namespace must be a string"];
  return limited(`metadata.namespace ${JSON.stringify(namespace)}`, namespace, dnsLabel, 63);
}

function checkLabels(labels: unknown): string[] {
  if (labels === undefined || labels === null) return [];
  if (!isRecord(labels)) return ["metadata.labels must be a map of strings"];
  return Object.entries(labels).flatMap(([key, value]) => {
    const at = `metadata.labels[${JSON.stringify(key)}]`;
    if (typeof value !== "string") return [...checkKey(`${at} key`, key), `${at} must be a string`];
    return [
      ...checkKey(`${at} key`, key),
      ...limited(`${at} value ${JSON.stringify(value)}`, value, labelValue, 63),
    ];
  });
}

function checkAnnotations(annotations: unknown): string[] {
  if (annotations === undefined || annotations === null) return [];
  if (!isRecord(annotations)) return ["metadata.annotations must be a map of strings"];
  let bytes = 0;
  const problems = Object.entries(annotations).flatMap(([key, value]) => {
    const at = `metadata.annotations[${JSON.stringify(key)}]`;
    bytes += Buffer.byteLength(key) + (typeof value === "string" ? Buffer.byteLength(value) : 0);
    const ofKey = checkKey(`${at} key`, key.toLowerCase());
    return typeof value === "string" ? ofKey : [...ofKey, `${at} must be a string`];
  });
  if (bytes <= maxAnnotationBytes) return problems;
  return [
    ...problems,
    `metadata.annotations total size must be at most ${maxAnnotationBytes} bytes`,
  ];
}

function checkKey(at: string, key: string): string[] {
  const parts = key.split("/");
  const [prefix, name] =
    parts.length > 1 ? [parts[0]!, parts.slice(1).join("/")] : [undefined, key];
  const problems = limited(at, name, qualifiedName, 63);
  return prefix === undefined
    ? problems
    : [...limited(`${at} prefix`, prefix, subdomain, 253), ...problems];
}

function limited(at: string, text: string, pattern: RegExp, length: number): string[] {
  const problems: string[] = [];
  if (!pattern.test(text)) problems.push(`${at} must match regex '${pattern.source}'`);
  if (text.length > length) problems.push(`${at} must be no more than ${length} characters`);
  return problems;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
