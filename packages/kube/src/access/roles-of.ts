import type { Access } from "./access.ts";

/** One rule of a role. */
export interface RoleRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A role that grants rights. */
export interface RoleObject {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "Role" | "ClusterRole";
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly RoleRule[];
}

const order = ["get", "list", "watch", "create", "patch", "delete"];

/**
 * Roles that grant exactly these rights: one for each namespace, and a cluster role where there are
 * rights on the whole cluster.
 */
export function rolesOf(
  names: { readonly role: string; readonly clusterRole: string },
  needs: readonly Access[],
): RoleObject[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const namespaces = new Set(needs.flatMap(({ namespace }) => namespace ?? []));
  const wide = needs.some(({ namespace }) => namespace === undefined);
  return [...[...namespaces].toSorted(), ...(wide ? [undefined] : [])].map((namespace) => {
    const rules = rulesOf(needs.filter((need) => need.namespace === namespace));
    return namespace === undefined
      ? { apiVersion, kind: "ClusterRole", metadata: { name: names.clusterRole }, rules }
      : { apiVersion, kind: "Role", metadata: { name: names.role, namespace }, rules };
  });
}

/** Rules with as few repetitions as there can be: resources of a group with the same verbs share one. */
function rulesOf(needs: readonly Access[]): RoleRule[] {
  const verbsOf = new Map<string, Set<string>>();
  for (const { group, resource, verb } of needs) {
    const key = `${group}/${resource}`;
    verbsOf.set(key, (verbsOf.get(key) ?? new Set()).add(verb));
  }
  const rules = new Map<string, { group: string; resources: string[]; verbs: string[] }>();
  for (const [key, found] of [...verbsOf].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [group, resource] = [key.slice(0, key.indexOf("/")), key.slice(key.indexOf("/") + 1)];
    const verbs = [...found].toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
    const id = `${group}|${verbs.join(",")}`;
    const rule = rules.get(id) ?? { group, resources: [], verbs };
    rule.resources.push(resource);
    rules.set(id, rule);
  }
  return [...rules.values()].map(({ group, resources, verbs }) => ({
    apiGroups: [group],
    resources,
    verbs,
  }));
}

/** `get, create deployments.apps, pods/log in shop`. */
export function formatRule({ apiGroups, resources, verbs }: RoleRule, namespace?: string): string {
  const [group = ""] = apiGroups;
  const names = resources.map((resource) => {
    const [plural, ...subresource] = resource.split("/");
    return [group === "" ? plural : `${plural}.${group}`, ...subresource].join("/");
  });
  const place = namespace === undefined ? "" : ` in ${namespace}`;
  return `${verbs.join(", ")} ${names.join(", ")}${place}`;
}
