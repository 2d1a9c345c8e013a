/** Text in which parts are taken from the instance that is built. */
export type Text = readonly (string | { readonly metadata: "name" | "namespace" })[];

/** Where a text stands: in a template, or among the values of `#Config`. */
export type Scope = "template" | "config";

/** Characters that a text of several lines cannot hold, or not visibly. */
// oxlint-disable-next-line no-control-regex
const unwritable = /[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029\uFEFF]/;
// An unquoted label is a name that expressions in and below its struct could mean.
const taken: ReadonlySet<string> = new Set([
  ..."bool bytes error float for if import in int len let null number package string".split(" "),
  ..."and or div mod quo rem close uint base64 core strings true false".split(" "),
]);

/** A label for a key: quoted where it would not be an identifier, or could be taken for another name. */
export function label(key: string, scope: Scope): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9]*$/.test(key) || /^[A-Za-z][\w$]*$/.test(key);
  // The aliases of imported packages end in a version: appsv1, autoscalingv2.
  const isTaken =
    taken.has(key) ||
    (scope === "config" && key === "metadata") ||
    /v\d+((alpha|beta)\d+)?$/.test(key);
  return isPlain && !isTaken ? key : JSON.stringify(key);
}

/** An expression for a value of `#Config` by its path. */
export function configRef(path: readonly string[]): string {
  return path.reduce(
    (ref, key) =>
      /^[A-Za-z][\w$]*$/.test(key) ? `${ref}.${key}` : `${ref}[${JSON.stringify(key)}]`,
    "#config",
  );
}

/** An expression for a field of the metadata of the instance. */
export function metadataRef(field: "name" | "namespace", scope: Scope): string {
  return scope === "template" ? `#config.metadata.${field}` : `metadata.${field}`;
}

/**
 * A string literal. Texts of several lines are written as such, each line behind `indent`, and with as
 * many `#` as it takes for backslashes and quotes to stay as they are.
 */
export function textLiteral(text: Text, scope: Scope, indent = ""): string {
  const [only] = text;
  if (text.length === 1 && typeof only === "object") return metadataRef(only.metadata, scope);
  const plain = text.map((part) => (typeof part === "string" ? part : "")).join("");
  if (!plain.trimEnd().includes("\n") || unwritable.test(plain)) {
    const inner = text.map((part) =>
      typeof part === "string"
        ? JSON.stringify(part).slice(1, -1)
        : `\\(${metadataRef(part.metadata, scope)})`,
    );
    return `"${inner.join("")}"`;
  }
  const hashes = hashesFor(plain);
  const inner = text.map((part) =>
    typeof part === "string" ? part : `\\${hashes}(${metadataRef(part.metadata, scope)})`,
  );
  const lines = inner.join("").split("\n");
  const body = lines.map((line) => (line === "" ? "" : `${indent}\t${line}`)).join("\n");
  return `${hashes}"""\n${body}\n${indent}\t"""${hashes}`;
}

function hashesFor(text: string): string {
  for (let hashes = ""; ; hashes += "#") {
    if (!text.includes(`\\${hashes}`) && !text.includes(`"""${hashes}`)) return hashes;
  }
}

/** A word such as `workerQueue` of `worker-queue`; digits at its start get a letter before them. */
export function camelCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const joined = words.map((word, index) => (index === 0 ? word : capital(word))).join("");
  const first = /^[A-Z]+$/.test(joined) ? joined.toLowerCase() : lowerFirst(joined);
  return /^[0-9]/.test(first) || first === "" ? `n${first}` : first;
}

/** The text with a capital first letter. */
export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** `config-map` of `ConfigMap`, and `http-route` of `HTTPRoute`. */
export function kebabCase(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

/** `configMap` of `ConfigMap`, and `httpRoute` of `HTTPRoute`. */
function lowerFirst(text: string): string {
  return text.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+/, (start) => start.toLowerCase());
}
