import { kubeconfigText } from "./kubeconfig-text.ts";
import { kubectl, kubectlWith, sharedCluster } from "./shared-cluster.ts";

/** A rule of a role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * Makes a service account in a namespace that exists, which may do there what the rules say, and
 * nothing else. The text of a kubeconfig for it comes back.
 */
export async function makeUser(
  name: string,
  namespace: string,
  rules: readonly Rule[],
): Promise<string> {
  const apiGroup = "rbac.authorization.k8s.io";
  const apiVersion = `${apiGroup}/v1`;
  const metadata = { name, namespace };
  const objects = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion, kind: "Role", metadata, rules },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
  await kubectlWith(objects.map((object) => JSON.stringify(object)).join("\n"), "apply", "-f", "-");
  const token = (await kubectl("create", "token", name, "-n", namespace)).trim();
  const contexts = { [name]: namespace };
  return kubeconfigText(sharedCluster(), { user: { token }, contexts });
}
