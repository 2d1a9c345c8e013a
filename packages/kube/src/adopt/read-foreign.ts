import type { KubeClient } from "../client/kube-client.ts";
import { type ManagedFields, managedFields } from "../live-object.ts";
import { readFluxOwner } from "./flux-owner.ts";
import { type ForeignTool, isManagedBy } from "./foreign-tool.ts";
import type { Foreign, ForeignRequest } from "./foreign.ts";
import { readHelmRelease } from "./helm-release.ts";
import { readTimoniInstance } from "./timoni-instance.ts";

/** What a tool has of an instance; nothing comes back where it has nothing. */
export async function readForeign(
  client: KubeClient,
  tool: ForeignTool,
  request: ForeignRequest & {
    readonly wanted?: string | undefined;
    readonly managers: readonly string[];
  },
): Promise<Foreign | undefined> {
  switch (tool) {
    case "timoni":
      return readTimoniInstance(client, request);
    case "helm":
      return readHelmRelease(client, request);
    case "flux":
      return readFluxOwner(client, request);
    case "kubectl": {
      const isTheirs = (entry: ManagedFields): boolean =>
        isManagedBy(entry, "kubectl", request.managers);
      if (!request.live.some((view) => managedFields(view).some(isTheirs))) return undefined;
      const notes = ["kubectl keeps no list of what it has applied: what else there is stays"];
      return { tool, title: "kubectl", inventory: [], records: [], notes };
    }
  }
}
