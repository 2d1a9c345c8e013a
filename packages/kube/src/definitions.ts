import { mapBounded } from "./bounded.ts";
import type { ApiResource } from "./client/api-resource.ts";
import type { KubeClient } from "./client/kube-client.ts";
import { listObjects } from "./client/objects.ts";
import { resourcePath } from "./client/resource-path.ts";

const definitions: ApiResource = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
  verbs: ["get", "list"],
};

/**
 * Names of the CustomResourceDefinitions of a cluster, such as `certificates.cert-manager.io`.
 *
 * @throws KubeError
 */
export async function listDefinitionNames(
  client: KubeClient,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  const found = await listObjects(client, definitions, { ...options, metadataOnly: true });
  return found.map(({ metadata }) => metadata.name);
}

/**
 * Reads CustomResourceDefinitions as the JSON texts that the server sends, which keep every digit.
 *
 * @throws KubeError `KUBE_NOT_FOUND` and what every call may throw
 */
export async function readDefinitions(
  client: KubeClient,
  names: readonly string[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  const { signal } = options;
  const read = async (name: string): Promise<string> => {
    const path = resourcePath(definitions, undefined, name);
    const action = `read CustomResourceDefinition/${name}`;
    return (await client.request({ method: "GET", path, action, signal })).text;
  };
  return mapBounded(names, read, signal);
}
