/** A right on a cluster, as RBAC names it. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  /** Plural, with a subresource as in `pods/log`. */
  readonly resource: string;
  /** Cluster-wide when it is left out. */
  readonly namespace?: string | undefined;
}

/** A right that a command makes use of. */
export interface AccessNeed extends Access {
  /** What happens without it, where the command gets along; without this it fails. */
  readonly otherwise?: string | undefined;
}

/** Rights on one resource, verb by verb; what is asked for twice is needed if one of both needs it. */
export function needsOf(
  on: Omit<AccessNeed, "verb">,
  verbs: readonly string[],
): readonly AccessNeed[] {
  return verbs.map((verb) => ({ ...on, verb }));
}

/** Each right once: a need wins over what one can do without. */
export function distinctNeeds(needs: readonly AccessNeed[]): AccessNeed[] {
  const found = new Map<string, AccessNeed>();
  for (const need of needs) {
    const { verb, group, resource, namespace } = need;
    const key = [namespace, group, resource, verb].join("|");
    const before = found.get(key);
    if (before === undefined || before.otherwise !== undefined) found.set(key, need);
  }
  return [...found.values()];
}
