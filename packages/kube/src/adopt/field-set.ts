/** The fields of one entry of `managedFields`, as the API server writes them. */
export type FieldsV1 = Readonly<Record<string, unknown>>;

/**
 * A set of paths into an object. A node is a member of the set, or stands on the way to one, or both:
 * `{"f:spec": {}}` has the whole of `spec` as one member, `{"f:spec": {"f:a": {}}}` has `spec.a` alone.
 */
export interface FieldSet {
  readonly member: boolean;
  /** By path element: `f:name`, `k:{…}`, `v:…`, `i:…`. */
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const noFields: FieldSet = { member: false, children: new Map() };

/** Reads the fields of an entry. */
export function parseFields(fields: FieldsV1 | undefined): FieldSet {
  return { member: false, children: childrenOf(fields ?? {}) };
}

/** Writes a set as the API server does. */
export function formatFields(set: FieldSet): FieldsV1 {
  const children = [...set.children].map(([element, child]): [string, FieldsV1] => [
    element,
    child.children.size === 0
      ? {}
      : { ...(child.member ? { ".": {} } : {}), ...formatFields(child) },
  ]);
  return Object.fromEntries(children);
}

/** The members of any of the sets. */
export function unionFields(...sets: readonly FieldSet[]): FieldSet {
  const [first = noFields, ...rest] = sets;
  return rest.reduce(unionOfTwo, first);
}

/** The members of `from` that are not in `other`. */
export function subtractFields(from: FieldSet, other: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of from.children) {
    const counterpart = other.children.get(element);
    const left = counterpart === undefined ? child : subtractFields(child, counterpart);
    if (left.member || left.children.size > 0) children.set(element, left);
  }
  return { member: from.member && !other.member, children };
}

/** A set of one path. */
export function fieldPath(...names: readonly string[]): FieldSet {
  return names.reduceRight<FieldSet>(
    (inner, name) => ({ member: false, children: new Map([[`f:${name}`, inner]]) }),
    { member: true, children: new Map() },
  );
}

/** Tells whether a set has no member. */
export function isEmptySet(set: FieldSet): boolean {
  return !set.member && [...set.children.values()].every(isEmptySet);
}

/** The members of a set, each as a readable path: `spec.replicas`, `containers[name=web].image`. */
export function fieldPaths(set: FieldSet, prefix = ""): string[] {
  return [
    ...(set.member && prefix !== "" ? [prefix] : []),
    ...[...set.children].flatMap(([element, child]) => fieldPaths(child, joined(prefix, element))),
  ];
}

function unionOfTwo(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map(a.children);
  for (const [element, child] of b.children) {
    const known = children.get(element);
    children.set(element, known === undefined ? child : unionOfTwo(known, child));
  }
  return { member: a.member || b.member, children };
}

function childrenOf(fields: FieldsV1): Map<string, FieldSet> {
  const children = new Map<string, FieldSet>();
  for (const [element, value] of Object.entries(fields)) {
    if (element === ".") continue;
    const inner = value as FieldsV1;
    const leaf = Object.keys(inner).length === 0;
    children.set(element, { member: leaf || "." in inner, children: childrenOf(inner) });
  }
  return children;
}

function joined(prefix: string, element: string): string {
  const [kind, rest] = [element.slice(0, 2), element.slice(2)];
  if (kind !== "f:") return `${prefix}[${kind === "k:" ? keyText(rest) : rest}]`;
  if (!/^[A-Za-z_][\w-]*$/.test(rest)) return `${prefix}[${JSON.stringify(rest)}]`;
  return prefix === "" ? rest : `${prefix}.${rest}`;
}

function keyText(json: string): string {
  const keys = Object.entries(JSON.parse(json) as Record<string, unknown>);
  return keys.map(([name, value]) => `${name}=${String(value)}`).join(",");
}
