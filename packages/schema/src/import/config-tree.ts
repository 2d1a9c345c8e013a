/** A value of `#Config`. */
export interface ConfigField {
  readonly kind: "field";
  readonly doc: string;
  /** CUE text: the type, with the default if there is one. */
  readonly type: string;
  /** `!` where users have to set the value. */
  readonly marker: "" | "!";
}

/** A struct of `#Config`. */
export interface ConfigGroup {
  readonly kind: "group";
  doc: string;
  /** CUE text of a type that the struct is unified with. */
  base: string | undefined;
  /** CUE text of a pattern for more fields. */
  pattern: string | undefined;
  readonly members: Map<string, ConfigField | ConfigGroup>;
}

/** An empty group. */
export function configGroup(doc = ""): ConfigGroup {
  return { kind: "group", doc, base: undefined, pattern: undefined, members: new Map() };
}

/** The group at a path; groups on the way are made. */
export function groupAt(root: ConfigGroup, path: readonly string[]): ConfigGroup {
  let group = root;
  for (const key of path) {
    const known = group.members.get(key);
    if (known?.kind === "field") throw new Error(`${path.join(".")}: ${key} is a field`);
    const next = known ?? configGroup();
    group.members.set(key, next);
    group = next;
  }
  return group;
}

/** A key for something of this name that is no key of the group yet, nor one with a meaning of its own. */
export function freeKey(group: ConfigGroup, name: string, kind: string): string {
  const isFree = (key: string): boolean => !group.members.has(key) && !reserved.has(key);
  const wish = [name, `${name}${kind}`].find(isFree);
  if (wish !== undefined) return wish;
  for (let number = 2; ; number += 1) {
    if (isFree(`${name}${kind}${number}`)) return `${name}${kind}${number}`;
  }
}

const reserved: ReadonlySet<string> = new Set([
  // Names that mean something else in the file where the fields stand.
  ..."bool bytes core error float int len null number string strings true false uint".split(" "),
  // Values that every module has, and those that are lifted under one name.
  ..."clusterVersion kubeVersion metadata moduleVersion".split(" "),
  ..."autoscaler env image ingress ingresses maxReplicas minReplicas replicas resources".split(" "),
  ..."schedule secret secrets service services settings storage volumes".split(" "),
]);
