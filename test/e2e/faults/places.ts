import type { Lab } from "./lab.ts";

/** The path of an object, or of all of its kind when no name is given. */
export function pathOf(lab: Lab, kind: string, name = ""): string {
  const base = places(lab)[kind];
  if (base === undefined) throw new Error(`no place is known for ${kind}`);
  return name === "" ? base : `${base}/${name}`;
}

/** The kinds that an instance may have. */
export function kindsOf(lab: Lab): string[] {
  return Object.keys(places(lab));
}

/** Kinds of which objects of all tests stand side by side. */
export const clusterKinds: ReadonlySet<string> = new Set([
  "ClusterRole",
  "CustomResourceDefinition",
]);

function places({ namespace, group }: Lab): Record<string, string> {
  return {
    ConfigMap: `/api/v1/namespaces/${namespace}/configmaps`,
    Secret: `/api/v1/namespaces/${namespace}/secrets`,
    Service: `/api/v1/namespaces/${namespace}/services`,
    Deployment: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    CustomResourceDefinition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    Thing: `/apis/${group}/v1/namespaces/${namespace}/things`,
  };
}
