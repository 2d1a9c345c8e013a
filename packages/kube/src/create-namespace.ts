import type { KubeClient } from "./client/kube-client.ts";
import { serverSideApply } from "./client/objects.ts";
import type { OnEvent } from "./events.ts";
import { namespaceLabels } from "./identity.ts";

/** The resource of namespaces, known without discovery. */
export const namespaces = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
  verbs: [],
} as const;

/** Makes a namespace because a record has to stand in it. */
export async function createNamespace(
  client: KubeClient,
  name: string,
  options: { readonly onEvent?: OnEvent | undefined; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const metadata = { name, labels: namespaceLabels };
  const ref = { apiVersion: "v1", kind: "Namespace", name };
  const json = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata });
  const { signal, onEvent } = options;
  await serverSideApply(
    client,
    namespaces,
    { ref, json },
    {
      dryRun: false,
      forceConflicts: false,
      signal,
    },
  );
  onEvent?.({ type: "namespace-created", namespace: name });
}
